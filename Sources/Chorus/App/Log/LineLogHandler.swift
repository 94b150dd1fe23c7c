import Foundation
public import Logging

/// How a line of the log looks.
public enum LogFormat: String, CaseIterable, Sendable {
    /// Time, level, message, then `key=value`; for people.
    case text
    /// One JSON object a line; for programs.
    case json
}

/// Writes a line of the log with what may stand in it, and nothing else.
///
/// Libraries log what helps whoever writes a server: paths, addresses, what a client sent. So a line carries only the
/// metadata named here, and what the HTTP libraries say of single connections is not written at all: some of those are
/// anonymous.
public struct LineLogHandler: LogHandler {
    /// What a line may tell beside its message; a test finds keys in this program that are missing here.
    static let keys: Set<String> = [
        "attempt", "attempts", "database", "error", "found", "givenUp", "issuer", "kind", "method", "pool", "port",
        "reason",
        "request", "route", "status", "why", "work",
    ]
    /// Whose lines are written at every level; of all others only what is a warning or worse.
    private static let ours: Set<String> = ["Chorus", "Command", "Postgres", "TestSupport"]

    /// The least severe line that is written; `info` by default.
    public var logLevel: Logger.Level = .info
    /// What all lines have; only what may be told is written.
    public var metadata: Logger.Metadata = [:]
    private let format: LogFormat
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - format: how lines look.
    ///   - write: takes each line with its end; to standard error by default.
    public init(_ format: LogFormat, write: @escaping @Sendable (String) -> Void = Self.toStandardError) {
        self.format = format
        self.write = write
    }

    /// One call for each line, so that lines of several threads do not mix.
    public static let toStandardError: @Sendable (String) -> Void = { line in
        FileHandle.standardError.write(Data(line.utf8))
    }

    /// One of ``metadata``.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line, if it may be told.
    public func log(event: LogEvent) {
        let isOurs = Self.ours.contains(event.source)
        guard isOurs || event.level >= .warning else { return }
        guard isOurs else { return write(foreign(event) + "\n") }
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let told = all.filter { Self.keys.contains($0.key) }.mapValues(\.description)
        write(line(event.level, event.message.description, told) + "\n")
    }

    /// Writes a line whatever the level, for what whoever starts a program waits for.
    ///
    /// - Parameter message: one sentence.
    public func say(_ message: String) { write(line(.notice, message, [:]) + "\n") }

    /// A library's words may quote what somebody sent; of those only the number of the system's error is kept, which tells an
    /// operator that files or memory have run out.
    private func foreign(_ event: LogEvent) -> String {
        let words = "\(event.message) \((event.metadata ?? [:]).values.map(\.description).joined(separator: " "))"
        let number = words.firstMatch(of: /errno: (\d{1,3})\b/).map { ["error": "errno \($0.1)"] }
        return line(event.level, "\(event.source) reports a problem", number ?? [:])
    }

    private func line(_ level: Logger.Level, _ message: String, _ told: [String: String]) -> String {
        let time = RFC3339.string(Date())
        switch format {
        case .text:
            let pairs = told.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.oneLine($0.value))" }
            return "\(time) \(level.rawValue) \(Self.oneLine(message))\(pairs.joined())"
        case .json:
            var members = told.mapValues(JSONValue.string)
            members["time"] = .string(time)
            members["level"] = .string(level.rawValue)
            members["message"] = .string(message)
            return JSONValue.object(members).written
        }
    }

    /// What PostgreSQL says may have several lines.
    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
