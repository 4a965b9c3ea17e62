-- Replies that clients of the Responses API may come back to. A row belongs to a tenant's principal: an id is looked up in no
-- other way, so somebody else's id is simply not found.
--
-- The JSON columns are json and not jsonb: a model's text may hold the escape \u0000, which jsonb refuses.

create extension if not exists vector;

create table llmr.stored_response (
  tenant text not null,
  principal text not null,
  id text not null,
  previous_id text,
  model text not null,
  status text not null check (status in ('in_progress', 'completed', 'incomplete', 'failed', 'cancelled')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  input_items json not null,
  output_items json not null,
  metadata json not null,
  fields json not null,
  bytes integer not null check (bytes >= 0),
  primary key (tenant, principal, id)
);

create index stored_response_expires_at on llmr.stored_response (expires_at);
