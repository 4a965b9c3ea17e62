-- A second wall between tenants, beneath the conditions that every query has anyway. A session is shown the rows of the
-- tenant that it says it works for, `*` being all of them; one that has said nothing is shown none. The owner of the tables
-- is bound as well; a superuser never is.
--
-- Every table with the column `tenant` is to have it: a later migration says so with the same function.

create function llmr.keep_tenants_apart(walled regclass) returns void language plpgsql as $$
declare
  -- As a query of its own it is asked once for a statement, and not for each row.
  said constant text := '(select current_setting(''llmr.tenant'', true))';
begin
  execute format('alter table %s enable row level security', walled);
  execute format('alter table %s force row level security', walled);
  execute format('create policy own_tenant on %1$s using (tenant = %2$s or %2$s = ''*'')', walled, said);
end
$$;

select llmr.keep_tenants_apart(walled::regclass)
from unnest(array[
  'llmr.stored_response', 'llmr.conversation', 'llmr.turn', 'llmr.reply', 'llmr.tool_call', 'llmr.artifact', 'llmr.chat_pair',
  'llmr.summary'
]) walled;
