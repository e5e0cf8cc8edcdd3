-- \password: how the server stores passwords.
select current_setting('password_encryption') as encryption
