import Postgres

/// What of ``LoginRole/setUp(_:)`` and the walls does not stand, asked inside a database by a superuser: others may not see what
/// is kept of passwords.
///
/// A server that starts on a cluster where all stands has nothing to write and waits for nobody's locks.
struct FindBreaches: PostgresStatement {
    static let sql = """
        SELECT 'login ' || w.name FROM unnest($1::text[], $2::text[]) AS w (name, password)
        LEFT JOIN pg_authid r ON r.rolname = w.name
        LEFT JOIN pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0
        WHERE r.rolpassword IS DISTINCT FROM w.password
            OR NOT r.rolcanlogin OR r.rolsuper OR r.rolcreatedb OR r.rolcreaterole OR r.rolbypassrls
            OR NOT coalesce(s.setconfig @> $3::text[], false)
        UNION ALL
        SELECT 'way in of ' || rolname FROM pg_roles
        WHERE rolname = ANY ($4::text[])
            AND NOT (has_database_privilege(oid, current_database(), 'CONNECT')
                AND has_schema_privilege(oid, 'public', 'USAGE'))
        UNION ALL
        SELECT 'owner of the database' FROM pg_database
        WHERE datname = current_database() AND pg_get_userbyid(datdba) <> 'chorus_owner'
        UNION ALL
        SELECT 'rights of everybody'
        WHERE has_database_privilege('public', current_database(), 'CONNECT, TEMP, CREATE')
            OR has_schema_privilege('public', 'public', 'USAGE, CREATE')
        UNION ALL
        SELECT 'rights on new functions'
        WHERE NOT EXISTS (
            SELECT FROM pg_default_acl a
            WHERE pg_get_userbyid(a.defaclrole) = 'chorus_owner' AND a.defaclnamespace = 0 AND a.defaclobjtype = 'f'
                AND NOT EXISTS (SELECT FROM aclexplode(a.defaclacl) e WHERE e.grantee = 0))
        UNION ALL
        SELECT 'counters of the cluster'
        WHERE $5 AND EXISTS (
            SELECT FROM pg_proc
            WHERE pronamespace = 'pg_catalog'::regnamespace AND proname LIKE 'pg\\_stat\\_get\\_%'
                AND has_function_privilege('public', oid, 'EXECUTE'))
        """

    let kind: DatabaseKind
    let verifiers: [LoginRole: SCRAMVerifier]

    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(LoginRole.allCases.map(\.rawValue))
        parameters.append(LoginRole.allCases.map { verifiers[$0]?.text ?? "" })
        parameters.append(
            LoginRole.settings.map { "\($0.name)=\($0.value.replacing("'", with: ""))" }
                + LoginRole.logSettings.map { "\($0.name)=\($0.value)" }
        )
        parameters.append(LoginRole.allCases.filter { $0.databases.contains(kind) }.map(\.rawValue))
        parameters.append(kind == .record)
    }

    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> String { try row.next() }
}
