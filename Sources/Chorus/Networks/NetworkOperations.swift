public import Foundation
import Postgres

/// What an operator does with networks on the command line.
extension Server {
    /// Finds a network by slug or id.
    ///
    /// - Throws: ``OperationRefusal``.
    func network(named name: String) async throws -> Network {
        let pool = parts.databases.member
        if let id = UUID(utf8: name.utf8), let found = try await pool.first(ReadNetwork(id: id)) { return found }
        if let found = try await pool.first(ReadNetworkBySlug(slug: name)) { return found }
        throw OperationRefusal("There is no network '\(name)'. `chorus network create` makes one.")
    }

    /// Makes a network.
    ///
    /// - Parameters:
    ///   - slug: short name in addresses and invitation codes.
    ///   - name: its name.
    ///   - employer: whose staff it is of.
    ///   - timeZone: IANA name.
    ///   - keyNoticeDays: how long before its use a key is announced; 7 by default.
    /// - Returns: its id.
    /// - Throws: ``OperationRefusal``; what PostgreSQL says.
    public func createNetwork(
        slug: String,
        name: String,
        employer: String,
        timeZone: String,
        keyNoticeDays: Int = 7
    ) async throws -> UUID {
        guard slug.wholeMatch(of: /[a-z0-9](-?[a-z0-9]){1,39}/) != nil else {
            throw OperationRefusal("The slug must be lower-case letters, digits and single dashes.")
        }
        guard TimeZone.knownTimeZoneIdentifiers.contains(timeZone) else {
            throw OperationRefusal("The time zone must be an IANA name such as Europe/Berlin.")
        }
        let new = NewNetwork(slug: slug, name: name, employer: employer, timeZone: timeZone)
        do { return try await parts.createNetwork(new, keyNoticeDays: keyNoticeDays).id } catch let error
            as PostgresError
            where error.sqlState == "23505"
        {
            throw OperationRefusal("There is a network '\(slug)' already. Choose another slug.")
        }
    }
}
