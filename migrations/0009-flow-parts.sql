-- A worker may do something in several parts: each summary of a long path is a step by itself.

alter table llmr.flow_step add column part text not null default '';
alter table llmr.flow_step drop constraint flow_step_pkey;
alter table llmr.flow_step add primary key (request_id, type, part);

-- As before, and in the same order whenever it is asked.
create or replace view llmr.flow_node with (security_invoker = true) as
  select flow.request_id, place - 1 as place, step ->> 'type' as type, step ->> 'ref' as ref, step ->> 'digest' as digest,
    (step ->> 'started_us')::bigint as started_us, (step ->> 'duration_us')::bigint as duration_us,
    coalesce((step ->> 'failed')::boolean, false) as failed, step -> 'facts' as facts
  from llmr.flow, json_array_elements(flow.steps) with ordinality as listed (step, place)
  union all
  select later.request_id,
    json_array_length(flow.steps) - 1 + row_number() over (
      partition by later.request_id order by later.started_at, later.type, later.part
    ),
    later.type, later.ref, null, (extract(epoch from later.started_at - flow.started_at) * 1000000)::bigint, later.duration_us,
    false, later.facts
  from llmr.flow_step later join llmr.flow on flow.request_id = later.request_id;
