-- \gdesc: columns with the names $1, whose types are $2 with the modifiers $3.
select c.name as "Column", format_type(c.type, c.modifier) as "Type"
from unnest($1::text[], $2::oid[], $3::int[]) with ordinality as c(name, type, modifier, place)
order by c.place
