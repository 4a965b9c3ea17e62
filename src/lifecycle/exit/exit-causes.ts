import type { ExitExplanation } from './exit-explanation.ts'

export type ExitCause = Omit<ExitExplanation, 'evidence'> & { readonly patterns: readonly RegExp[] }

/**
 * What engines say before they give up, the most telling first. Those of llama.cpp were recorded from its build 11669;
 * those of GPUs and of vLLM are as their issue trackers show them.
 */
export const exitCauses: readonly ExitCause[] = [
  {
    code: 'out_of_gpu_memory',
    cause: 'The model does not fit in the free memory of the GPU.',
    advice:
      'Use a smaller context or a quantised KV cache, put fewer layers on the GPU, or state a larger size for the model so that others make room first. `llmr profiles fit` tells what would fit.',
    isTransient: true,
    patterns: [
      /(?:cuda|hip)Malloc failed: out of memory/i,
      /(?:CUDA|HIP|ROCm) error:? .*out of memory/i,
      /(?:failed|unable) to allocate (?:CUDA|ROCm|Vulkan|SYCL|Metal)\d* .*buffer/i,
      /(?:torch\.)?(?:cuda\.)?OutOfMemoryError/,
      /ErrorOutOfDeviceMemory/,
      /kIOGPUCommandBufferCallbackErrorOutOfMemory/,
      /ggml_metal\w*: error: failed to allocate/,
      /No available memory for the cache blocks/,
      /Free memory on device .* is less than desired GPU memory utilization/,
      /KV cache is needed, which is larger than the available KV cache memory/,
    ],
  },
  {
    code: 'out_of_memory',
    cause: 'The machine does not have enough free memory for the model.',
    advice: 'Use a smaller model or context, or load fewer models at once.',
    isTransient: true,
    patterns: [
      /failed to allocate CPU\w* buffer/i,
      /unable to allocate (?:CPU|backend)\w* buffer/i,
      /failed to allocate (?:compute|buffer)/i,
      /std::bad_alloc/,
      /Cannot allocate memory/,
      /MemoryError/,
      /out of memory: killed process/i,
      /failed to mlock|mlock failed/i,
    ],
  },
  {
    code: 'missing_file',
    cause: 'A file that the engine needs does not exist.',
    advice: 'Check the paths of the weights, the projector, the draft model and adapters.',
    isTransient: false,
    patterns: [
      /failed to open .*No such file or directory/,
      /(?:error|failed).*: No such file or directory/i,
      /FileNotFoundError/,
      /failed to open file/i,
      /can't open file '/,
    ],
  },
  {
    code: 'bad_flag',
    cause: 'The engine does not accept one of the flags it is started with.',
    advice: 'Flags differ between builds: `llmr profiles validate` compares them with what this one accepts.',
    isTransient: false,
    patterns: [
      /error: invalid argument: /,
      /error while handling (?:argument|environment variable) /,
      /error: unrecognized arguments: /,
      /error: argument .*: (?:invalid|expected)/,
      /unknown (?:option|flag|argument)[:\s]/i,
    ],
  },
  {
    code: 'unknown_architecture',
    cause: 'This build of the engine does not know this kind of model.',
    advice: 'Use a newer build of the engine, or another model file.',
    isTransient: false,
    patterns: [
      /unknown model architecture/,
      /Model architectures .* are not supported/,
      /does not recognize this architecture/,
      /unknown pre-tokenizer type/,
    ],
  },
  {
    code: 'no_permission',
    cause: 'The engine may not read a file or use a device that it needs.',
    advice:
      'Check the owner and the mode of the files, and whether the user may use the GPU (groups video and render).',
    isTransient: false,
    patterns: [/Permission denied/, /PermissionError/],
  },
  {
    code: 'corrupt_model',
    cause: 'The model file is damaged, incomplete, or not a model.',
    advice: 'Compare its size with that at the source, and download it again.',
    isTransient: false,
    patterns: [
      /model is corrupted or incomplete/,
      /failed to read magic/,
      /invalid magic characters/,
      /gguf_init_from_\w+: failed to read/,
      /missing tensor|wrong number of tensors/,
      /SafetensorError/,
    ],
  },
  {
    code: 'port_taken',
    cause: 'The engine cannot listen on its port, most likely because that is taken.',
    advice: 'Leave the port to llmr, or stop what uses it: `ss -ltnp` shows what that is.',
    isTransient: true,
    patterns: [/couldn't bind HTTP server socket/, /address already in use/i, /EADDRINUSE/],
  },
  {
    code: 'address_unavailable',
    cause: 'This machine does not have the address that the engine should listen on.',
    advice: 'Use 127.0.0.1, or an address that `ip addr` shows.',
    isTransient: false,
    patterns: [/Cannot assign requested address/i, /EADDRNOTAVAIL/],
  },
  {
    code: 'missing_library',
    cause: 'A library that the engine needs is missing.',
    advice: '`ldd` with the path of the program shows which; for Python engines check the virtual environment.',
    isTransient: false,
    patterns: [/error while loading shared libraries/, /ModuleNotFoundError/, /ImportError: lib/],
  },
  {
    code: 'unsupported_cpu',
    cause: 'The engine uses instructions that this processor does not have.',
    advice: 'Use a build of the engine for this processor, such as one without AVX-512.',
    isTransient: false,
    patterns: [/Illegal instruction/i],
  },
  {
    code: 'gpu_driver',
    cause: 'The engine cannot use the GPU.',
    advice: 'Check the driver with `nvidia-smi` or `rocminfo`, and that the engine was built for this GPU.',
    isTransient: true,
    patterns: [
      /CUDA driver version is insufficient/,
      /no (?:CUDA|ROCm)-capable device is detected/,
      /no kernel image is available/,
      /(?:Failed|failed) to initialize NVML|NVML Shared Library Not Found/,
      /CUDA error: /,
      /HSA_STATUS_ERROR/,
    ],
  },
]
