/** Stands for all tenants in the policies of the tables; no tenant can be named so. */
export const everyTenant = '*'
