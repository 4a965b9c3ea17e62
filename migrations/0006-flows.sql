-- Which way requests took, as graphs: what they used and what came of it. Numbers, names and ids, never a word of what was
-- said. Steps and edges are read and written as one, so they are one value each; `flow_node` and `flow_edge` show them as rows.
--
-- A worker's step may be told before the request's own, so it hangs by nothing. Both go with the reply that they tell of.

drop table llmr.lineage;

create table llmr.flow (
  request_id text primary key,
  correlation_id text not null,
  tenant text not null,
  principal text not null,
  conversation uuid,
  operation text not null,
  kind text,
  model text,
  backend text,
  status integer not null,
  started_at timestamptz not null,
  duration_ms integer not null,
  -- Objects; their places in the list are what edges speak of. The first is the request.
  steps json not null,
  -- [from, to, relation]
  edges json not null,
  expires_at timestamptz not null
);

create index flow_correlation on llmr.flow (tenant, correlation_id);
create index flow_started_at on llmr.flow (started_at);
create index flow_expires_at on llmr.flow (expires_at);

-- What was looked at for a request; `injected`: the model was shown it.
create table llmr.flow_source (
  request_id text not null references llmr.flow on delete cascade,
  kind text not null,
  ref text not null,
  tenant text not null,
  digest text,
  rank smallint not null,
  score real,
  injected boolean not null,
  tokens integer,
  reason text,
  primary key (request_id, kind, ref)
);

create index flow_source_ref on llmr.flow_source (kind, ref);

-- What workers did later.
create table llmr.flow_step (
  request_id text not null,
  type text not null,
  tenant text not null,
  principal text not null,
  ref text,
  started_at timestamptz not null,
  duration_us bigint not null,
  facts json,
  expires_at timestamptz not null,
  primary key (request_id, type)
);

create index flow_step_expires_at on llmr.flow_step (expires_at);

select llmr.keep_tenants_apart(walled::regclass) from unnest(array['llmr.flow', 'llmr.flow_source', 'llmr.flow_step']) walled;

create view llmr.flow_node with (security_invoker = true) as
  select flow.request_id, place - 1 as place, step ->> 'type' as type, step ->> 'ref' as ref, step ->> 'digest' as digest,
    (step ->> 'started_us')::bigint as started_us, (step ->> 'duration_us')::bigint as duration_us,
    coalesce((step ->> 'failed')::boolean, false) as failed, step -> 'facts' as facts
  from llmr.flow, json_array_elements(flow.steps) with ordinality as listed (step, place)
  union all
  select later.request_id, json_array_length(flow.steps) - 1 + row_number() over (partition by later.request_id order by later.started_at),
    later.type, later.ref, null, (extract(epoch from later.started_at - flow.started_at) * 1000000)::bigint, later.duration_us,
    false, later.facts
  from llmr.flow_step later join llmr.flow on flow.request_id = later.request_id;

create view llmr.flow_edge with (security_invoker = true) as
  select flow.request_id, (edge ->> 0)::integer as src, (edge ->> 1)::integer as dst, edge ->> 2 as relation
  from llmr.flow, json_array_elements(flow.edges) as edge;

create function llmr.forget_flows() returns trigger language plpgsql as $$
begin
  delete from llmr.flow where request_id in (select request_id from gone);
  delete from llmr.flow_step where request_id in (select request_id from gone);
  return null;
end
$$;

create trigger reply_forgotten after delete on llmr.reply referencing old table as gone
  for each statement execute function llmr.forget_flows();
