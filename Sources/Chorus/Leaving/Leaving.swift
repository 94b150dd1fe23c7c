import Foundation
import Postgres

extension Server {
    /// Writes all that a network may take along into a new directory, in formats that need no Chorus: JSON Lines,
    /// CSV, iCalendar, and a README that says what each file holds.
    ///
    /// Each login reads what is its own, so that what may not be joined is not joined here either. All rows of one
    /// login are in memory at a time.
    ///
    /// - Parameters:
    ///   - name: slug or id of the network.
    ///   - directory: must not be there.
    /// - Returns: how many rows each file has.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    public func export(network name: String, to directory: String) async throws -> [String: Int] {
        let network = try await network(named: name)
        guard !FileManager.default.fileExists(atPath: directory) else {
            throw OperationRefusal("\(directory) is there already; nothing was written. Give another name.")
        }
        let files = try await leavingFiles(of: network)
        // Said before it is done: an entry too many is looked into, one that a crash has swallowed is not.
        let rows = files.values.reduce(0) { $0 + $1.count }
        try await parts.databases.member.transaction(network: network.id) { transaction in
            try await parts.note(.export(rows: rows, by: .coordinator), in: network.id, transaction)
        }
        for folder in ["", "/private", "/record"] {
            try FileManager.default.createDirectory(
                atPath: directory + folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        var counts: [String: Int] = [:]
        func write(_ text: String, _ file: String, rows: Int) throws {
            let new = try NewFile("\(directory)/\(file)")
            try new.write(Array(text.utf8))
            try new.finish()
            counts[file] = rows
        }
        for (file, lines) in files { try write(lines.map { $0 + "\n" }.joined(), file, rows: lines.count) }
        let members = try await parts.databases.member.execute(
            ReadLeavingMembers(network: network.id),
            network: network.id
        )
        let header = ["email", "displayName", "unit", "locale", "roles", "state"]
        try write(CSV.text([header] + members, forSpreadsheets: true), "members.csv", rows: members.count)
        let events = try await allEvents(of: network.id)
        try write(calendar(events, of: network.id), "events.ics", rows: events.count)
        try write(try await readMe(of: network, counts), "README.md", rows: 0)
        return counts
    }

    /// Lines by the names of their files.
    private func leavingFiles(of network: Network) async throws -> [String: [String]] {
        let databases = parts.databases
        let id = network.id
        let own =
            try await databases.member.execute(ReadLeavingOfMembers(network: id), network: id)
            + databases.moderator.execute(ReadLeavingOfModerators(network: id), network: id)
        var files: [String: [String]] = [:]
        for table in LeavingFile.ofMembers.keys { files["private/\(table).jsonl"] = [] }
        for table in LeavingFile.ofModerators.keys { files["private/\(table).jsonl"] = [] }
        for table in LeavingFile.ofRecord.keys { files["record/\(table).jsonl"] = [] }
        for row in own { files["private/\(row.table).jsonl", default: []].append(text(row.json)) }
        for row in try await databases.hr.execute(ReadLeavingOfRecord(network: id), network: id) {
            files["record/\(row.table).jsonl", default: []].append(text(row.json))
        }
        files["directory.jsonl"] = try await parts.directoryLinks(of: id).map(\.written)
        let settings: [String: JSONValue] = [
            "id": .string(id.text), "slug": .string(network.slug), "name": .string(network.name),
            "employer": .string(network.employer), "timeZone": .string(network.timeZone),
            "locale": .string(network.locale.rawValue), "k": .integer(network.k), "d": .integer(network.d),
            "minSet": .integer(network.minSet), "keyNoticeDays": .integer(network.keyNoticeDays),
            "publicRecord": .bool(network.isRecordPublic),
        ]
        files["network.json"] = [JSONValue.object(settings).written]
        return files
    }

    private func text(_ json: PostgresJSON) -> String { String(decoding: json.bytes, as: UTF8.self) }

    private func allEvents(of network: UUID) async throws -> [Event] {
        var events: [Event] = []
        while true {
            let after = events.last.map { (startsAt: $0.startsAt, id: $0.id) }
            let page = ReadEvents(
                network: network,
                member: UUID(),
                from: nil,
                to: nil,
                kind: nil,
                after: after,
                limit: 500
            )
            let found = try await parts.databases.member.execute(page, network: network)
            events += found
            if found.count < 500 { return events }
        }
    }

    private func calendar(_ events: [Event], of network: UUID) -> String {
        CalendarObject(
            network: network,
            events: events,
            attendee: .init(membership: UUID(), email: nil),
            showsOnlineUrl: { _ in true }
        ).text
    }

    private func readMe(of network: Network, _ counts: [String: Int]) async throws -> String {
        var text = """
            # \(network.name)

            All that the network takes along, as of \(PostgresDate.today(in: network.zone, at: parts.now())). Files ending in \
            `.jsonl` have one JSON object in each line; ids join them. `members.csv` and `events.ics` hold members and events once \
            more, for spreadsheets and calendars. Whoever reads this directory knows who belongs to the network, which reveals \
            origin (GDPR Art. 9): keep it as you keep the list of members.


            """
        for (file, rows) in counts.sorted(by: { $0.key < $1.key }) where !file.contains("/") {
            text += "- `\(file)`: \(rows) rows\n"
        }
        for (kind, folder, pool) in [
            (DatabaseKind.private, "private", parts.databases.member), (.record, "record", parts.databases.hr),
        ] {
            text += kind == .private ? "\n## What the network keeps for itself\n" : "\n## The record\n"
            let columns = Dictionary(grouping: try await pool.execute(ReadColumns()), by: \.table)
            for (table, found) in columns.sorted(by: { $0.key < $1.key }) {
                guard let rows = counts["\(folder)/\(table).jsonl"] else { continue }
                let hidden = LeavingFile.ofMembers[table] ?? []
                text += "\n### \(folder)/\(table).jsonl (\(rows) rows)\n\n\(found[0].about ?? "")\n\n"
                for column in found where !hidden.contains(column.column) {
                    text += "- `\(column.column)`: \(column.type)\n"
                }
            }
        }
        text += "\n## What stays\n\n"
        for (table, reason) in LeavingFile.leftOut.sorted(by: { $0.key < $1.key }) {
            text += "- `\(table)`: \(reason)\n"
        }
        return text
    }
}
