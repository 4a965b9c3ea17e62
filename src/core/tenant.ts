import { defaultTenant, type Principal } from './principal.ts'

const tenantPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** The form that the configuration gives names: so no tenant's name can be `*`, which stands for all of them. */
export function isTenantName(text: string): boolean {
  return tenantPattern.test(text)
}

/** Whose house somebody belongs to; the anonymous are of the default one. */
export function tenantOf(principal: Principal | undefined): string {
  return principal?.tenant ?? defaultTenant
}

/** Whether somebody may learn of what another tenant's, or their own, requests were. */
export function maySeeTenant(principal: Principal | undefined, tenant: string | undefined): boolean {
  return principal?.seesEveryTenant === true || tenantOf(principal) === (tenant ?? defaultTenant)
}
