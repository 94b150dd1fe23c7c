import Foundation

extension UUID {
    /// The id as it stands in answers: lower case.
    var text: String { uuidString.lowercased() }
}

extension UUID? {
    /// The id as it stands in answers: lower case.
    var text: String? { map(\.text) }
}
