import Foundation
@testable import TestSupport

@testable import Chorus

/// How an insider reads what he finds.
extension ReLinkEvidence {
    /// The marks of a table's rows in the order of the dump.
    static func dumped(_ table: Table, _ dump: String) -> [String] {
        let lines = dump.split(separator: "\n")
        guard let start = lines.firstIndex(where: { $0.hasPrefix("COPY public.\(table.name) (") }) else { return [] }
        let names = lines[start].split(separator: "(")[1].prefix { $0 != ")" }.split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }
        let column = names.firstIndex(of: table.column) ?? 0
        return lines[(start + 1)...].prefix { $0 != "\\." }.map { line in
            let value = String(line.split(separator: "\t", omittingEmptySubsequences: false)[column])
            return value.hasPrefix("\\\\x") ? String(value.dropFirst(3)) : value
        }
    }

    /// Inserts into the inbox between the mixes, which end by inserts into `spent_token` of another transaction.
    static func inserts(_ wal: TestWAL, _ files: [String: String]) -> [Int] {
        var counts = [0]
        var isMixed = false
        for record in wal.records where record.manager == "Heap" && record.action.hasPrefix("INSERT") {
            if files[record.file] == "spent_token" { isMixed = true }
            guard files[record.file] == "anon_inbox" else { continue }
            if isMixed { counts.append(0) }
            isMixed = false
            counts[counts.count - 1] += 1
        }
        return counts
    }

    /// The members' ids and addresses as the log holds them.
    var memberBytes: [[UInt8]] { members.map(Self.bytes) }
    /// Whatever stands for a message as the log holds it.
    var anonymousBytes: [[UInt8]] { anonymous.map(Self.bytes) }

    static func bytes(_ text: String) -> [UInt8] {
        if let id = UUID(uuidString: text) { return withUnsafeBytes(of: id.uuid) { Array($0) } }
        return text.count == 64 ? [UInt8](hex: text) ?? Array(text.utf8) : Array(text.utf8)
    }

    /// What stands between characters that no id and no address has; bytes without what PostgreSQL writes before them.
    static func words(of text: Substring) -> Set<String> {
        Set(
            text.utf8.split { byte in
                !(0x30...0x39).contains(byte) && !(0x61...0x7A).contains(byte | 0x20)
                    && ![0x2D, 0x2E, 0x40].contains(byte)
            }.map { word in
                let word = String(Substring(word))
                return word.count == 65 && word.hasPrefix("x") ? String(word.dropFirst()) : word
            }
        )
    }
}
