import Foundation

/// PgBouncer in transaction mode before a server, run by Debian's program.
final class TestPooler: Sendable {
    private let server: TestPostgres
    /// Its socket is here.
    let directory: String

    /// Whether the program is installed.
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: "/usr/sbin/pgbouncer") }

    /// - Parameters:
    ///   - server: what it stands before.
    ///   - users: who may come.
    ///   - settings: further lines of its configuration.
    init(before server: TestPostgres, users: [String], settings: [String] = []) throws {
        self.server = server
        directory = server.directory + "/pooler"
        let list = users.map { "\"\($0)\" \"\"" }.joined(separator: "\n")
        let lines = [
            "[databases]", "* = host=\(server.directory)", "[pgbouncer]", "unix_socket_dir = \(directory)",
            "listen_port = 6432",
            "auth_type = trust", "auth_file = \(directory)/users", "pool_mode = transaction", "default_pool_size = 3",
            "max_client_conn = 300", "logfile = \(directory)/log", "pidfile = \(directory)/pid",
        ]
        try server.shell(
            """
            $as mkdir -m 0711 \(directory)
            cat >\(directory)/users <<'END'
            \(list)
            END
            cat >\(directory)/pgbouncer.ini <<'END'
            \((lines + settings).joined(separator: "\n"))
            END
            $as /usr/sbin/pgbouncer -q -d \(directory)/pgbouncer.ini
            """
        )
    }

    /// A superuser's way into a database through it.
    func uri(_ database: String) -> String { "dbname=\(database) user=chorus_migrator host=\(directory) port=6432" }

    /// It has the signals blocked that a thread of the tests has blocked, and would hear no other one.
    func tearDown() { _ = try? server.shell("kill -KILL $(cat \(directory)/pid)") }
}
