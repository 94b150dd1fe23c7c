/// An error that an operator can mend: its description says what to do.
public protocol SetupRefusal: Error, CustomStringConvertible {}

extension DataDirectory.Failure: SetupRefusal {}
extension EmbeddedPostgres.Failure: SetupRefusal {}
extension Migrations.Refusal: SetupRefusal {}

/// What somebody asked for on the command line cannot be done.
public struct OperationRefusal: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    public let description: String

    /// Makes a refusal.
    ///
    /// - Parameter description: what is wrong and what to do.
    public init(_ description: String) {
        self.description = description
    }
}
