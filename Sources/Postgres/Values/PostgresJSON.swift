/// A JSON document as PostgreSQL stores it (`jsonb`); its text is not looked into here.
public struct PostgresJSON: Hashable, Sendable {
    /// UTF-8 text of the document.
    public let bytes: [UInt8]

    /// Makes a document of JSON text.
    ///
    /// - Parameter bytes: UTF-8 JSON; PostgreSQL refuses anything else with SQLSTATE 22P02.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }
}
