-- As before, with two more kinds of words: one that ends in a star stands for every word that begins so, since people
-- misspell and inflect; and one in a script that writes no blanks (three bytes to a character, where it has no star) is looked
-- for as it stands, since the parser takes a whole sentence of it for one word.

create or replace function llmr.recall_path(
  asked_tenant text, asked_principal text, from_reply bigint, asked_words text[], near_model text, near_dimensions integer,
  near_vector halfvec
) returns table (
  reply text, turn text, depth integer, distance integer, words integer[], length integer, cosine float8, files_of text[]
) language plpgsql stable set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  -- Replies of a path that are looked at: a step costs some microseconds, and what is further back is not searched.
  path_most constant integer := 2000;
  -- The latest turns on it are looked through for words, and so many of these for nearness, which costs more.
  rounds_most constant integer := 1000;
  near_most constant integer := 400;
  -- Characters of each text that are looked through for such a part.
  part_most constant integer := 20000;
begin
  return query
  with recursive
  word as materialized (
    select (given.at - 1)::integer as at,
      ('''' || replace(replace(rtrim(given.given, '*'), '\', '\\'), '''', '''''') || '''' ||
        case when given.given like '%*' then ':*' else '' end)::tsquery as query,
      case when octet_length(given.given) = 3 * char_length(given.given) then given.given end as part
    from unnest(asked_words) with ordinality as given (given, at)
  ),
  step as (
    select r.id, r.turn, t.depth, coalesce(r.continues, t.parent_reply) as before, 0 as number
    from llmr.reply r join llmr.turn t on t.id = r.turn
    where r.id = from_reply and r.tenant = asked_tenant and r.principal = asked_principal
    union all
    select r.id, r.turn, t.depth, coalesce(r.continues, t.parent_reply), s.number + 1
    from step s join llmr.reply r on r.id = s.before join llmr.turn t on t.id = r.turn
    where s.number < path_most and r.tenant = asked_tenant and r.principal = asked_principal
  ),
  path as (
    select s.turn, min(s.depth) as depth, (array_agg(s.id order by s.number))[1] as reply, array_agg(s.id) as replies,
      (row_number() over (order by min(s.number)) - 2)::integer as distance
    from step s group by s.turn
  )
  select p.reply::text, p.turn::text, p.depth, p.distance,
    array(
      select w.at from word w
      where c.ts @@ w.query
        or w.part is not null and (strpos(left(c.user_text, part_most), w.part) > 0 or strpos(left(c.reply_text, part_most), w.part) > 0)
    ), coalesce(length(c.ts), 0),
    1 - (e.vector <=> near_vector),
    array(select distinct u.reply::text from llmr.artifact_use u where u.reply = any(p.replies))
  from path p
    left join llmr.chat_pair c on c.reply = p.reply
    left join llmr.embedding e on near_vector is not null and p.distance < near_most and e.request_id = c.request_id
      and e.model = near_model and e.dimensions = near_dimensions
  where p.distance >= 0 and p.distance < rounds_most
  order by p.distance;
end
$$;
