import fc from 'fast-check'
import { expect, test } from 'vitest'

import { anonymous } from '../../src/http/auth/anonymous.ts'
import type { Principal } from '../../src/core/principal.ts'
import { isTenantName, maySeeTenant, tenantOf } from '../../src/core/tenant.ts'

const ofTenant = (tenant?: string): Principal => ({ id: 'someone', scopes: new Set(['admin']), tenant })

test('whoever has no tenant is of the default one, and shares it with those who are named into it', () => {
  expect([undefined, anonymous, ofTenant(), ofTenant('default')].map(tenantOf)).toEqual(Array(4).fill('default'))
  expect(maySeeTenant(anonymous, undefined)).toBe(true)
  expect(maySeeTenant(ofTenant('default'), undefined)).toBe(true)
})

test('an administrator of one tenant sees nothing of another', () => {
  const name = fc.string().filter(isTenantName)
  fc.assert(
    fc.property(name, name, (own, other) => {
      expect(maySeeTenant(ofTenant(own), other)).toBe(own === other)
    }),
  )
})

test("the operator's own commands see every tenant", () => {
  expect(maySeeTenant({ ...ofTenant(), seesEveryTenant: true }, 'acme')).toBe(true)
})

test('no tenant can be named as all of them are', () => {
  expect(isTenantName('*')).toBe(false)
})
