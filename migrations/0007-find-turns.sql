-- Everything in a scope that a request may go on from, by what it shows: the key of its client, the reply that it names, the
-- calls that it echoes, the words and the reply of the last round that it shows, and where it is a further step of a turn, all
-- words so far. Bounded whatever is stored. A function, because its plan takes ten times as long to make as to run: a session
-- keeps it.
--
-- `path` holds each turn that was found and its ancestors, `replies` the replies of those found, the likeliest first.

create function llmr.find_turns(
  asked_tenant text, asked_principal text, key_source text, key_text text, key_id uuid, named_request text, echoed text[],
  rounds integer, last_user bytea, last_chain bytea, last_digest bytea, last_prefix bytea, step_chain bytea,
  out keyed json, out path json, out replies json
) language plpgsql stable set plan_cache_mode = force_generic_plan as $$
declare
  -- Of each sign the latest, and of a turn the likeliest; the program knows the first by the same number.
  candidates constant integer := 16;
  replies_most constant integer := 12;
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
    from own_conversation o join llmr.turn t on t.conversation = o.id join llmr.reply r on r.turn = t.id
    where last_user is null and r.status in ('complete', 'stopped')
    order by r.id desc limit 1
  ),
  called as (
    select c.reply, count(*)::integer as calls from llmr.tool_call c
    where c.tenant = asked_tenant and c.principal = asked_principal and c.call_id = any(echoed)
    group by c.reply order by calls desc, c.reply desc limit candidates
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
    union (
      select t.id from llmr.turn t
      where t.tenant = asked_tenant and t.principal = asked_principal and t.chain_hash = last_chain
        and exists (
          select from llmr.reply r where r.turn = t.id and (last_digest is null or r.digest is null
            or r.digest = last_digest or r.prefix_digest = last_prefix)
        )
      order by t.id desc limit candidates
    )
    union (
      select t.id from llmr.turn t
      where t.tenant = asked_tenant and t.principal = asked_principal and t.user_digest = last_user
        and exists (
          select from llmr.reply r where r.turn = t.id and (last_digest is null or r.digest is null
            or r.digest = last_digest or r.prefix_digest = last_prefix)
        )
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
    union (
      select r.turn from llmr.reply r
      where r.tenant = asked_tenant and r.principal = asked_principal and r.digest = last_digest and r.length >= 64
      order by r.id desc limit candidates
    )
    union (
      select r.turn from llmr.reply r
      where r.tenant = asked_tenant and r.principal = asked_principal and r.prefix_digest = last_prefix and r.length >= 64
      order by r.id desc limit candidates
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
