@testable import Chorus
import Foundation

/// What somebody who has the whole machine can do with a server's files and its PostgreSQL.
extension TestProcess {
    /// Runs a script of the shell in which PostgreSQL's own programs are found and reach the private database as superuser.
    ///
    /// `as_server` before a command runs it as the user that PostgreSQL's processes must have.
    ///
    /// - Returns: its standard output.
    @discardableResult
    func shell(_ script: String, _ arguments: String...) throws -> String {
        let output = "\(directory).\(UUID().uuidString)"
        defer { unlink(output) }
        // What tests' Foundation has open must not be inherited by a server that outlives the script.
        let preamble = """
            set -euo pipefail
            for fd in $(seq 3 255); do eval "exec $fd>&-"; done
            PATH="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1):$PATH"
            export PGHOST="$0/run" PGUSER=chorus_migrator PGDATABASE=chorus PGPASSWORD="$(cat "$0/secrets/chorus_migrator")"
            as_server() {
                if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi
            }
            cd /

            """
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var argv = (["bash", "-c", preamble + script, directory] + arguments).map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var child: pid_t = 0
        guard posix_spawn(&child, "/bin/bash", &actions, nil, &argv, environ) == 0 else {
            throw Failure.command(script)
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard status == 0 else { throw Failure.command(script) }
        return String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
    }

    /// What SQL gives, asked as superuser, who sees every network: rows of texts.
    func rows(_ sql: String) throws -> [[String]] {
        try shell("psql -X -q -A -t -F $'\\t' -v ON_ERROR_STOP=1 -c \"$1\"", sql)
            .split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }

    /// Every file below a directory.
    func files(below directory: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
        return all.map { "\(directory)/\($0)" }.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
        }
    }

    /// Every file of the data directory and what the program has written that holds some bytes.
    func files(holding needle: [UInt8]) -> [String] {
        (files(below: directory) + [directory + ".log", directory + ".out"]).filter { path in
            FileManager.default.contents(atPath: path)?.range(of: Data(needle)) != nil
        }
    }
}

extension Data {
    /// Where any of some byte strings, of at least two bytes each, begins.
    func places(ofAny needles: [[UInt8]]) -> [Int] {
        // By their first two bytes, so that most places are left after one look.
        var byHead = [[Int]](repeating: [], count: 1 << 16)
        for (index, needle) in needles.enumerated() { byHead[Int(needle[0]) | Int(needle[1]) << 8].append(index) }
        return withUnsafeBytes { bytes in
            var found: [Int] = []
            for place in 0..<Swift.max(0, bytes.count - 1) {
                let head = bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self)
                for index in byHead[Int(UInt16(littleEndian: head))]
                where bytes[place...].starts(with: needles[index]) {
                    found.append(place)
                    break
                }
            }
            return found
        }
    }
}
