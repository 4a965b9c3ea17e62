import type { Message } from '../../../src/core/chat/message.ts'
import { call, result, user } from './history.ts'

/** A run that is none of the corpus, nor was the guard written by it. */
export interface HeldOutRun {
  readonly name: string
  readonly messages: readonly Message[]
  /** As long as a task may be. */
  readonly isLong?: boolean
}

/** What the model is offered in all of them. */
export const offered =
  'bash read write edit list grep search fetch query get_job_status list_jobs next_page calculate wait click screenshot add_note'.split(
    ' ',
  )

type Step = readonly [name: string, args: object, result: string]

const page = (at: number): string =>
  Array.from({ length: 40 }, (_, line) => `${at * 40 + line}: text ${at}/${line}`).join('\n')
const times = (count: number): number[] => Array.from({ length: count }, (_, at) => at)
const bash = (command: string, text: string): Step => ['bash', { command }, text]
const listing = 'build\nlib\npackage.json\nREADME.md\nsrc\ntest\ntsconfig.json'
const failure = `FAIL test/port.test.ts\n${'  at assert (node:internal/assert)\n'.repeat(8)}1 failed, 41 passed`

/** People's agents at work: none of them may be stopped. */
export const goodRuns: readonly HeldOutRun[] = [
  run('polling a build that says nothing new', [
    bash('gh run list', '3 workflows'),
    ...times(6).map(() => bash('sleep 30; gh run view 7', 'Status: in progress')),
    bash('sleep 30; gh run view 7', 'Status: success'),
  ]),
  run('polling by a tool of its own', [
    ...times(7).map((): Step => ['get_job_status', { id: 7 }, '{"state":"RUNNING"}']),
    ['get_job_status', { id: 7 }, '{"state":"DONE"}'],
  ]),
  run('waiting for a server', [
    bash('npm start &', 'started'),
    ...times(5).flatMap(() => [bash('sleep 2', ''), bash('curl -s localhost:3000', 'curl: (7) Failed to connect')]),
    bash('curl -s localhost:3000', 'hello'),
  ]),
  run('watching a log that stands still for a while', [
    ...times(4).map(() => bash('sleep 10 && tail -n 3 app.log', 'listening on 3000')),
    ...times(3).map((at) => bash('sleep 10 && tail -n 3 app.log', `listening on 3000\nGET /${at}`)),
  ]),
  run(
    'paging a long file',
    times(30).map((at): Step => ['read', { path: 'a', offset: at * 40 }, page(at)]),
  ),
  run(
    'paging without an offset',
    times(12).map((at): Step => ['next_page', {}, page(at)]),
  ),
  run('edits until a test passes', [
    ...times(9).flatMap((at): Step[] => [
      ['edit', { path: 'a', old: `${at}`, new: `${at + 1}` }, 'edited'],
      bash('npm test', failure),
    ]),
    bash('npm test', '42 passed'),
  ]),
  run('the same after the surroundings have changed', [
    bash('npm test', "Error: Cannot find module 'x'"),
    bash('npm test', "Error: Cannot find module 'x'"),
    bash('npm install x', 'added 1 package'),
    bash('npm test', "Error: Cannot find module 'y'"),
    bash('npm install y', 'added 1 package'),
    bash('npm test', '42 passed'),
  ]),
  run('a look at the folder after each write', [
    bash('ls', listing),
    ...times(6).flatMap((at): Step[] => [
      ['write', { path: `src/${at}.ts`, text: page(at) }, 'written'],
      bash('ls', listing),
    ]),
  ]),
  run('a search in many words of which few are there', [
    ...['port', 'PORT', 'listen', 'createServer', 'express'].map((word): Step => [
      'grep',
      { pattern: word },
      'No matches found',
    ]),
    ['grep', { pattern: 'serve' }, 'src/main.ts:3: serve(8411)'],
  ]),
  run(
    'git between commits',
    times(8).flatMap((at): Step[] => [
      ['edit', { path: `${at}.ts` }, 'edited'],
      bash('git add -A', ''),
      bash(`git commit -m "step ${at}"`, `[main ${at}abc] step ${at}`),
      bash('git status', 'nothing to commit, working tree clean'),
    ]),
  ),
  run(
    'one change in many files',
    times(14).flatMap((at): Step[] => [
      ['read', { path: `${at}.ts` }, page(at)],
      ['edit', { path: `${at}.ts`, old: 'a', new: 'b' }, 'The file has been updated.'],
    ]),
  ),
  {
    ...run(
      'a task of seventy rounds',
      times(70).map((at): Step =>
        at % 3 === 0 ? ['edit', { path: `${at}` }, 'edited'] : ['read', { path: `${at}` }, page(at)],
      ),
    ),
    isLong: true,
  },
  run(
    'numbers by one tool',
    times(12).map((at): Step => ['calculate', { a: at, b: 2 }, String(at * 2)]),
  ),
  run(
    'files that are copies of each other',
    times(4).map((at): Step => ['read', { path: `packages/${at}/LICENSE` }, page(1)]),
  ),
  run('pods that take their time', [
    bash('kubectl apply -f app.yaml', 'created'),
    ...times(5).map(() => bash('kubectl get pods; sleep 5', 'app-1  0/1  ContainerCreating  0')),
    bash('kubectl get pods; sleep 5', 'app-1  1/1  Running  0'),
  ]),
  run('waiting by a tool for it', [
    ...times(6).map((): Step => ['wait', { seconds: 10 }, 'Waited 10 seconds.']),
    ['screenshot', {}, 'The page has loaded.'],
  ]),
  run(
    'a file changed by a shell and read again',
    times(5).flatMap((at): Step[] => [
      bash(`sed -i s/${at}/${at + 1}/ a`, ''),
      ['read', { path: 'a' }, `version ${at + 1}`],
    ]),
  ),
  run(
    'screenshots between clicks',
    times(8).flatMap((at): Step[] => [
      ['click', { x: at, y: at }, 'Clicked.'],
      ['screenshot', {}, '[image]'],
    ]),
  ),
  run(
    'one note after the other',
    times(12).map((at): Step => ['add_note', { text: `note ${at}` }, 'Note added.']),
  ),
  run(
    'rows of a table',
    times(12).map((at): Step => ['query', { sql: `select * from t where id = ${at}` }, `[{"id":${at}}]`]),
  ),
  run('a flaky command', [
    bash('npm ci', 'Error: ETIMEDOUT'),
    bash('npm ci', 'Error: ETIMEDOUT'),
    bash('npm ci', 'added 200 packages'),
  ]),
]

/** Runs that come to nothing: each must be stopped before its end. */
export const loops: readonly HeldOutRun[] = [
  run(
    'a guess at a word that is nowhere',
    times(14).map((at): Step => ['search', { query: `config ${at}` }, 'No results.']),
  ),
  run(
    'a script with another mistake of the same kind',
    times(14).map((at) =>
      bash(
        `python -c "print(x${at})"`,
        `Traceback (most recent call last):\n  File "<string>", line 1\nNameError: name 'x${at}' is not defined`,
      ),
    ),
  ),
  run(
    'three calls in turn, with a clock',
    times(15).map((at): Step => [
      ['list', 'read', 'grep'][at % 3] ?? '',
      { in: 'src' },
      `at 18:0${at % 10}:12 nothing`,
    ]),
  ),
  run(
    'six calls in turn',
    times(36).map((at): Step => ['read', { path: `${at % 6}` }, `text ${at % 6}`]),
  ),
  run(
    'one file with another limit each time',
    times(14).map((at): Step => ['read', { path: 'a', limit: 100 + at }, page(1)]),
  ),
  run(
    'one file by a shell with another limit each time',
    times(14).map((at) => bash(`head -n ${100 + at} a`, page(1))),
  ),
  run(
    'a drift through a file that ends',
    times(14).map((at): Step => ['read', { path: 'a', offset: 900 + at * 10 }, 'The file has 880 lines.']),
  ),
  run(
    'three calls in turn',
    times(15).map(
      (at): Step =>
        (['read', 'list', 'grep'] as const).map((name): Step => [name, { in: 'src' }, `${name} of it`])[at % 3] ??
        bash('', ''),
    ),
  ),
  run(
    'one error with other arguments',
    times(14).map((at): Step => [
      'read',
      { path: `src/guess${at}.ts` },
      `Error: ENOENT: no such file or directory, open 'src/guess${at}.ts'`,
    ]),
  ),
  run(
    'a failing command in other words',
    times(14).map((at) => bash(`pyhton run.py --try ${at}`, 'bash: pyhton: command not found')),
  ),
  run(
    'a clock in the result',
    times(8).map((at) => bash('status', `Date: Tue, 24 Nov 2026 18:${10 + at}:01 GMT\nall idle`)),
  ),
  run(
    'a clock with a fraction',
    times(8).map((at) => bash('status', `now=17640081${10 + at}.${at}37 idle`)),
  ),
  run(
    'how long ago',
    times(8).map((at): Step => ['list_jobs', {}, `nightly  finished  ${at + 2} hours ago\nweekly  failed  3 days ago`]),
  ),
  run(
    'an id of each request',
    times(8).map((at): Step => [
      'fetch',
      { url: 'http://x' },
      `{"request_id":"req_${(at * 7919 + 46_656).toString(36)}aQ9","items":[]}`,
    ]),
  ),
  run(
    'to and fro between two edits',
    times(14).map((at): Step => ['edit', at % 2 === 0 ? { old: 'a', new: 'b' } : { old: 'b', new: 'a' }, 'edited']),
  ),
  run(
    'polling what never ends',
    times(40).map((): Step => ['get_job_status', { id: 7 }, '{"state":"RUNNING"}']),
  ),
  run(
    'waiting for what never comes',
    times(24).flatMap(() => [bash('sleep 2', ''), bash('curl -s localhost:3000', 'curl: (7) Failed to connect')]),
  ),
  run(
    'a list and a file, again and again',
    times(20).map((at) => (at % 2 === 0 ? bash('ls', listing) : bash('cat README.md', page(2)))),
  ),
  run(
    'a file written over and over',
    times(10).map((): Step => ['write', { path: 'a', text: 'x' }, 'written']),
  ),
  run(
    'calls to nobody with other names',
    times(10).map((at): Step => [`open_file_${at}`, { path: 'a' }, `Error: unknown tool open_file_${at}`]),
  ),
]

function run(name: string, steps: readonly Step[]): HeldOutRun {
  const rounds = steps.flatMap(([tool, args, text], at) => [call(`c${at}`, tool, args), result(`c${at}`, text)])
  return { name, messages: [user('Do it.'), ...rounds] }
}
