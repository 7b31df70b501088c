-- The roles of an installation. Run by a superuser in the application's database, before the first migrate and again
-- after each one (it may run any number of times):
--
--   createdb attest
--   psql -d attest -v ON_ERROR_STOP=1 -v owner_password=... -v app_password=... -f roles.sql
--
-- attest_owner  owns the tables; only MIGRATION_DATABASE_URL names it
-- attest_app    web, worker and beat; may not alter or truncate anything, nor change what is insert-only
--
-- Other names: -v owner=... -v app=...

\if :{?owner}
\else
  \set owner attest_owner
\endif
\if :{?app}
\else
  \set app attest_app
\endif

SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY[:'owner', :'app']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"owner" PASSWORD :'owner_password';
ALTER ROLE :"app" PASSWORD :'app_password';
-- A migration that waits for a lock holds up everybody behind it: give up soon, and migrate again.
ALTER ROLE :"owner" SET lock_timeout = '3s';

SELECT format('ALTER DATABASE %I OWNER TO %I', current_database(), :'owner') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'app') \gexec
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app";

ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"app";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"app";

-- Triggers of the migrations refuse changes to these tables for everybody; the application may not even ask.
SELECT DISTINCT format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %I', tgrelid::regclass, :'app')
  FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
 WHERE proname IN ('claims_refuse_change', 'claims_refuse_event_change', 'claims_refuse_outcome_change') AND NOT tgisinternal \gexec
SELECT format('REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM %I', :'app')
 WHERE to_regclass('django_migrations') IS NOT NULL \gexec
