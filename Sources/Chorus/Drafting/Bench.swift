/// From where somebody writes: each side of the table says yes for itself.
enum Bench: String, CaseIterable, Codable, Sendable {
    case administration, civilSociety, science, network
}
