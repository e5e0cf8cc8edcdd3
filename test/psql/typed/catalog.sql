\dt
\dt;
\dt s.*
\dt *.parted
\dt us(er|ed)s
\dt u*
\dt "Users"
\dv
\dm
\di
\ds
\dE
\dtv
\dt+ ul
\di+ users_pkey
\dv+
\ds+
\d
\d users
\d posts
\d s.parted
\d s.p1
\d parent
\d child
\d ul
\d shown
\d counted
\d loose
\d users_pkey
\d users_lower_id_idx
\d pair
\d+ shown
\d+ counted
\d+ parent
\d+ users
\d+ s.parted
\df
\df f
\df s.*
\dn
\dn+
\dn pub*
\dT
\dT+ mood
\dT pair
\dD
\dD+ email
\dp
\dp users
\z posts
\dx
\dx plp*
\sf f
\sf+ f
\sf nosuch
\sv shown
\sv+ shown
\sf f(int, text)
\d nosuch.nosuch
\dS pg_am
\du nosuch
\dn nosuch
\df nosuch
