internal import CLibpq
import Foundation

extension PostgresConfiguration {
    /// How a program of PostgreSQL's own, such as `pg_dump`, gets the same connection.
    ///
    /// - Returns: libpq keywords and values in one text, without the password, which a list of processes would show, and the
    ///   password; `nil` when libpq cannot read the URI.
    public func forProgram() -> (connection: String, password: String?)? {
        var all: [String: String] = [:]
        var hasReadURI = false
        for (name, value) in keywords {
            // The first of the databases' names is the URI; a later one is only a name.
            guard name == "dbname", !hasReadURI else {
                all[name] = value
                continue
            }
            hasReadURI = true
            // As libpq itself reads what it is given for the name of the database (PostgreSQL manual, section 34.1.1).
            guard value.contains("=") || value.hasPrefix("postgres") && value.contains("://") else {
                all["dbname"] = value
                continue
            }
            guard let options = unsafe PQconninfoParse(value, nil) else { return nil }
            defer { unsafe PQconninfoFree(options) }
            var next = unsafe options
            while let keyword = unsafe next.pointee.keyword {
                if let given = unsafe next.pointee.val { unsafe all[String(cString: keyword)] = String(cString: given) }
                unsafe next += 1
            }
        }
        let password = all.removeValue(forKey: "password")
        let words = all.sorted { $0.key < $1.key }.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "\(name)='\(escaped)'"
        }
        return (words.joined(separator: " "), password)
    }
}
