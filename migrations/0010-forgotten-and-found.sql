-- What was forgotten stays forgotten, the walls between tenants stand around every table that says something of them, and what
-- a request may go on from is found in a time that does not grow with how often the same words were said.

-- Requests that were taken away not long ago: an event of one may come again for as long as events are kept anywhere.
create table llmr.forgotten_request (
  request_id text primary key,
  forgotten_at timestamptz not null default now()
);

create index forgotten_request_at on llmr.forgotten_request (forgotten_at);

-- Who was to be forgotten, and up to when: of a request without a place nothing is known but whose it was. Digests, not names.
create table llmr.forgotten_principal (
  who bytea primary key check (octet_length(who) = 32),
  forgotten_at timestamptz not null default now()
);

create index forgotten_principal_at on llmr.forgotten_principal (forgotten_at);

-- Of what is older no event is under way any more: 30 days in a queue, and 30 put aside.
create or replace function llmr.forget_flows() returns trigger language plpgsql as $$
begin
  delete from llmr.flow where request_id in (select request_id from gone);
  delete from llmr.flow_step where request_id in (select request_id from gone);
  insert into llmr.forgotten_request (request_id)
    select request_id from gone where request_id is not null and started_at > now() - interval '70 days'
    on conflict do nothing;
  return null;
end
$$;

-- A default that is there already is no rewriting of the table, and right for all but those who have named their tenants.
alter table llmr.embedding add column tenant text default 'default';
update llmr.embedding set tenant = pair.tenant from llmr.chat_pair pair
  where pair.request_id = embedding.request_id and pair.tenant <> 'default';
alter table llmr.artifact_use add column tenant text default 'default';
update llmr.artifact_use set tenant = artifact.tenant from llmr.artifact
  where artifact.id = artifact_use.artifact and artifact.tenant <> 'default';

-- An llmr of the version before may still be running, and says nothing of it.
alter table llmr.embedding alter column tenant drop default, alter column tenant set not null;
alter table llmr.artifact_use alter column tenant drop default, alter column tenant set not null;

create function llmr.embedding_tenant() returns trigger language plpgsql as $$
begin
  new.tenant := (select pair.tenant from llmr.chat_pair pair where pair.request_id = new.request_id);
  return new;
end
$$;

create trigger embedding_tenant before insert on llmr.embedding
  for each row when (new.tenant is null) execute function llmr.embedding_tenant();

create function llmr.artifact_use_tenant() returns trigger language plpgsql as $$
begin
  new.tenant := (select artifact.tenant from llmr.artifact where artifact.id = new.artifact);
  return new;
end
$$;

create trigger artifact_use_tenant before insert on llmr.artifact_use
  for each row when (new.tenant is null) execute function llmr.artifact_use_tenant();

select llmr.keep_tenants_apart(walled::regclass) from unnest(array['llmr.embedding', 'llmr.artifact_use']) walled;

-- Replies of any length are looked for, the latest first.
create index reply_said on llmr.reply (tenant, principal, digest, id desc) where digest is not null;
create index reply_begun on llmr.reply (tenant, principal, prefix_digest, id desc) where prefix_digest is not null;
drop index llmr.reply_digest;
drop index llmr.reply_prefix;
create index turn_conversation on llmr.turn (conversation, id desc);

-- As before; but where the last reply is shown, it leads to its turns, and of those whose reply is not known only the latest
-- are looked at. Everybody says "hi", and so would find all who ever did.
create or replace function llmr.find_turns(
  asked_tenant text, asked_principal text, key_source text, key_text text, key_id uuid, named_request text, echoed text[],
  rounds integer, last_user bytea, last_chain bytea, last_digest bytea, last_prefix bytea, step_chain bytea,
  out keyed json, out path json, out replies json
) language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
  -- Of each sign the latest, and of a turn the likeliest; the program knows the first by the same number.
  candidates constant integer := 16;
  replies_most constant integer := 12;
  -- Of replies that are the same, and of turns with the same words, so many of the latest are looked at.
  same_most constant integer := 256;
  words_most constant integer := 64;
begin
  with recursive
  own_conversation as (
    select c.id, c.sends_history from llmr.conversation c
    where c.tenant = asked_tenant and c.principal = asked_principal
      and (c.source = key_source and c.external_key = key_text or c.id = key_id)
    order by c.external_key is null desc limit 1
  ),
  newest as (
    select r.id, r.turn
    from own_conversation o
      cross join lateral (
        select t.id from llmr.turn t where t.conversation = o.id order by t.id desc limit words_most
      ) t
      join llmr.reply r on r.turn = t.id
    where last_user is null and r.status in ('complete', 'stopped')
    order by r.id desc limit 1
  ),
  called as (
    select c.reply, count(*)::integer as calls from llmr.tool_call c
    where c.tenant = asked_tenant and c.principal = asked_principal and c.call_id = any(echoed)
    group by c.reply order by calls desc, c.reply desc limit candidates
  ),
  said as materialized (
    (
      select r.id, r.turn, r.length, true as is_whole from llmr.reply r
      where r.tenant = asked_tenant and r.principal = asked_principal and r.digest = last_digest
      order by r.id desc limit same_most
    )
    union all
    (
      select r.id, r.turn, r.length, false from llmr.reply r
      where r.tenant = asked_tenant and r.principal = asked_principal and r.prefix_digest = last_prefix
      order by r.id desc limit same_most
    )
  ),
  answered as materialized (
    select distinct t.id, t.user_digest, t.chain_hash from said s join llmr.turn t on t.id = s.turn
  ),
  seed (turn) as (
    select r.turn from llmr.reply r
    where r.tenant = asked_tenant and r.principal = asked_principal and r.request_id = named_request
    union select n.turn from newest n
    union select r.turn from called c join llmr.reply r on r.id = c.reply
    union (
      select t.id from llmr.turn t
      where t.tenant = asked_tenant and t.principal = asked_principal and t.chain_hash = step_chain
      order by t.id desc limit candidates
    )
    union (select a.id from answered a where a.chain_hash = last_chain order by a.id desc limit candidates)
    union (select a.id from answered a where a.user_digest = last_user order by a.id desc limit candidates)
    union (
      select t.id from (
        select t.id from llmr.turn t
        where t.tenant = asked_tenant and t.principal = asked_principal and t.chain_hash = last_chain
        order by t.id desc limit words_most
      ) t
      where exists (select from llmr.reply r where r.turn = t.id and (last_digest is null or r.digest is null))
      order by t.id desc limit candidates
    )
    union (
      select t.id from (
        select t.id from llmr.turn t
        where t.tenant = asked_tenant and t.principal = asked_principal and t.user_digest = last_user
        order by t.id desc limit words_most
      ) t
      where exists (select from llmr.reply r where r.turn = t.id and (last_digest is null or r.digest is null))
      order by t.id desc limit candidates
    )
    union (
      select t.id from own_conversation o join llmr.turn t on t.conversation = o.id
      where t.user_digest = last_user
        and exists (
          select from llmr.reply r where r.turn = t.id and (last_digest is null or r.digest is null
            or r.digest = last_digest or r.prefix_digest = last_prefix)
        )
      order by t.id desc limit candidates
    )
    -- Of one that is said so often that not all are looked at, so many are told that nobody takes the one that fits for the
    -- only one.
    union (
      select s.turn from said s
      where s.is_whole and (s.length >= 64 or (select count(*) from said o where o.is_whole) >= same_most)
      order by s.id desc limit candidates
    )
    union (
      select s.turn from said s
      where not s.is_whole and (s.length >= 64 or (select count(*) from said o where not o.is_whole) >= same_most)
      order by s.id desc limit candidates
    )
  ),
  up as (
    select s.turn as seed, 0 as step, t.id, t.conversation, t.depth, t.user_digest, t.chain_hash, t.parent_reply,
      null::bytea as digest, null::bytea as prefix_digest, false as is_later_step
    from seed s join llmr.turn t on t.id = s.turn
    union all
    select u.seed, u.step + 1, t.id, t.conversation, t.depth, t.user_digest, t.chain_hash, t.parent_reply, r.digest,
      r.prefix_digest, r.continues is not null
    from up u join llmr.reply r on r.id = u.parent_reply join llmr.turn t on t.id = r.turn
    where u.step < rounds
  )
  select
    (select json_build_object('id', o.id, 'sendsHistory', o.sends_history,
      'newestReply', (select n.id::text from newest n)) from own_conversation o),
    (select json_agg(json_build_object('seed', u.seed::text, 'step', u.step, 'id', u.id::text,
      'conversation', u.conversation,
      'isKeyed', (select c.external_key is not null from llmr.conversation c where c.id = u.conversation),
      'depth', u.depth, 'user', encode(u.user_digest, 'hex'), 'chain', encode(u.chain_hash, 'hex'),
      'parentReply', u.parent_reply::text, 'digest', encode(u.digest, 'hex'),
      'prefixDigest', encode(u.prefix_digest, 'hex'), 'isLaterStep', u.is_later_step) order by u.seed, u.step)
      from up u),
    (select json_agg(json_build_object('turn', s.turn::text, 'id', one.id::text, 'requestId', one.request_id,
      'isUncertain', one.status in ('open', 'stopped'), 'digest', encode(one.digest, 'hex'),
      'prefixDigest', encode(one.prefix_digest, 'hex'), 'length', one.length,
      'isLaterStep', one.continues is not null, 'calls', coalesce(c.calls, 0)) order by one.id desc)
      from seed s
        cross join lateral (
          select r.* from llmr.reply r where r.turn = s.turn
          order by r.request_id is not distinct from named_request desc, r.id in (select called.reply from called) desc,
            r.digest is not distinct from last_digest desc, r.prefix_digest is not distinct from last_prefix desc, r.id desc
          limit replies_most
        ) as one
        left join called c on c.reply = one.id)
  into keyed, path, replies;
end
$$;
