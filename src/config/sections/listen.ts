import { z } from 'zod'

import { duration, durationOrZero, size } from '../units.ts'
import { file } from './values.ts'

export const listen = z
  .strictObject({
    host: z.string().default('127.0.0.1').describe('Address to bind. Anything but loopback needs auth.'),
    port: z.int().min(0).max(65535).default(8411).describe('TCP port; 0 takes a free one.'),
    tls: z
      .strictObject({
        cert: file.describe('PEM file with the certificate chain.'),
        key: file.describe('PEM file with the private key.'),
      })
      .optional()
      .describe('Serve HTTPS.'),
    hosts: z
      .array(z.string())
      .default([])
      .describe('Further Host names answered when auth is off, beside localhost, 127.0.0.1 and [::1].'),
    cors_origins: z
      .array(z.string())
      .default([])
      .describe('Origins whose pages may call the gateway; "*" for all. Off by default.'),
    trusted_proxies: z
      .array(z.string())
      .default([])
      .describe('Addresses or CIDR ranges whose X-Forwarded-For and X-Forwarded-Proto are believed.'),
    max_body: size.prefault('64MiB').describe('Largest request body.'),
    headers_timeout: duration.prefault('30s').describe('Time a client has to send its request headers.'),
    body_timeout: duration.prefault('120s').describe('Time a client has to send its request body.'),
    slow_client_timeout: duration
      .prefault('120s')
      .describe('A client that reads nothing for this long while a reply waits for it is disconnected.'),
    shutdown_timeout: durationOrZero
      .prefault('30s')
      .describe('Time that replies in flight have to finish after SIGTERM before they are cut with an error.'),
  })
  .describe('Where and how clients connect. Changes to host, port and tls need a restart.')
