import AnonymousTokens
import Foundation
import Postgres

/// A request body that is read field by field, so that every fault is found in one go and named by its place.
protocol JSONInput {
    /// Reads the members; what is wrong is noted in `fields`, and a harmless value stands in until the end of the read.
    init(_ fields: inout Fields)
}

/// The members of one JSON object, read once each; whatever was not read is unknown and refused.
struct Fields {
    /// Collects the faults of an object and of those inside it.
    final class Faults {
        var errors: [Problem.FieldError] = []
    }

    private let members: [String: JSONValue]
    private let path: String
    private let faults: Faults
    private var known: Set<String> = []

    init(_ members: [String: JSONValue], path: String, faults: Faults) {
        self.members = members
        self.path = path
        self.faults = faults
    }

    /// Reads a whole body.
    ///
    /// - Throws: ``Problem`` `malformed` when it is not a JSON object, `invalid` with a pointer for every fault.
    static func read<Input: JSONInput>(_ bytes: [UInt8], as type: Input.Type = Input.self) throws(Problem) -> Input {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch { throw Problem(.malformed) }
        guard case .object(let members) = value else { throw Problem.invalid("", "must be an object") }
        let faults = Faults()
        let input = nested(members, path: "", faults: faults, as: type)
        guard faults.errors.isEmpty else { throw Problem(.invalid, errors: faults.errors) }
        return input
    }

    private static func nested<Input: JSONInput>(
        _ members: [String: JSONValue],
        path: String,
        faults: Faults,
        as type: Input.Type
    ) -> Input {
        var fields = Fields(members, path: path, faults: faults)
        let input = Input(&fields)
        for name in members.keys.filter({ !fields.known.contains($0) }).sorted() {
            fields.refuse(name, "is not known here")
        }
        return input
    }

    /// Notes a fault of a member (or, with an empty name, of the object itself).
    func refuse(_ name: String, _ detail: String) {
        let escaped = name.replacing("~", with: "~0").replacing("/", with: "~1")
        faults.errors.append(.init(pointer: name.isEmpty ? path : "\(path)/\(escaped)", detail: detail))
    }

    /// Notes a fault of something inside a member, whose names need no escape.
    func refuse(at place: String, _ detail: String) {
        faults.errors.append(.init(pointer: "\(path)/\(place)", detail: detail))
    }

    /// Whether the member is there (it may be null).
    func contains(_ name: String) -> Bool {
        members[name] != nil
    }

    /// The member's value, `nil` when it is absent or null.
    ///
    /// The member counts as known from here on.
    mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        return switch members[name] {
        case nil, .null: nil
        case .some(let value): value
        }
    }

    // MARK: Required members

    /// A text without NUL, of `length` Unicode scalars.
    mutating func string(_ name: String, length: ClosedRange<Int> = 1...10_000) -> String {
        required(name, optionalString(name, length: length), "")
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int {
        required(name, optionalInteger(name, in: range), range.lowerBound)
    }

    mutating func bool(_ name: String) -> Bool {
        required(name, optionalBool(name), false)
    }

    mutating func uuid(_ name: String) -> UUID {
        required(name, optionalUUID(name), Self.nobody)
    }

    /// A day, `YYYY-MM-DD`.
    mutating func day(_ name: String) -> PostgresDate {
        required(name, optionalDay(name), Self.epoch)
    }

    /// An instant of RFC 3339 with offset.
    mutating func instant(_ name: String) -> Date {
        required(name, optionalInstant(name), .distantPast)
    }

    /// One of the names of an enumeration.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        of type: Choice.Type = Choice.self,
        default first: Choice
    ) -> Choice {
        required(name, optionalChoice(name, of: type), first)
    }

    /// Bytes in base64url without padding; exactly `count` of them.
    mutating func bytes(_ name: String, count: Int) -> [UInt8] {
        required(name, optionalBytes(name, count: count), [])
    }

    /// An object inside this one; `nil` (and a fault noted) when it is missing.
    mutating func object<Input: JSONInput>(_ name: String, as type: Input.Type = Input.self) -> Input? {
        let found = optionalObject(name, as: type)
        if found == nil, !isFaulty(name) { refuse(name, "is required") }
        return found
    }

    /// A list of objects.
    ///
    /// - Parameters:
    ///   - name: of the member.
    ///   - count: how many there may be; a list of at least one is required by that.
    ///   - isRequired: whether an empty list must be said too, because leaving it out would delete; false by default.
    mutating func objects<Input: JSONInput>(
        _ name: String,
        count: ClosedRange<Int>,
        isRequired: Bool = false,
        as type: Input.Type = Input.self
    ) -> [Input] {
        if isRequired, count.lowerBound == 0, value(name) == nil { refuse(name, "is required") }
        return elements(name, count: count) { value, path, faults in
            guard case .object(let members) = value else { return nil }
            return Fields.nested(members, path: path, faults: faults, as: type)
        }
    }

    /// A list of texts.
    mutating func strings(_ name: String, count: ClosedRange<Int>, length: ClosedRange<Int>) -> [String] {
        elements(name, count: count) { value, _, _ in
            guard case .string(let text) = value, Self.isText(text, length) else { return nil }
            return text
        }
    }

    /// A list of byte strings in base64url, each of exactly `size` bytes.
    mutating func byteStrings(_ name: String, count: ClosedRange<Int>, size: Int) -> [[UInt8]] {
        elements(name, count: count) { value, _, _ in
            guard case .string(let text) = value, let bytes = Base64URL.decode(text), bytes.count == size else {
                return nil
            }
            return bytes
        }
    }

    // MARK: Optional members

    mutating func optionalString(_ name: String, length: ClosedRange<Int> = 1...10_000) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { return fault(name, "must be a string") }
        guard Self.isText(text, length) else {
            return fault(name, "must be \(length.lowerBound) to \(length.upperBound) characters without NUL")
        }
        return text
    }

    mutating func optionalInteger(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .integer(let integer) = value else { return fault(name, "must be an integer") }
        guard range.contains(integer) else {
            return fault(name, "must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    mutating func optionalBool(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let bool) = value else { return fault(name, "must be true or false") }
        return bool
    }

    mutating func optionalUUID(_ name: String) -> UUID? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value, let id = UUID(utf8: text.utf8) else {
            return fault(name, "must be a UUID")
        }
        return id
    }

    mutating func optionalDay(_ name: String) -> PostgresDate? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value, let day = PostgresDate(text) else {
            return fault(name, "must be a day, YYYY-MM-DD")
        }
        return day
    }

    mutating func optionalInstant(_ name: String) -> Date? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value, let instant = RFC3339.date(text) else {
            return fault(name, "must be an RFC 3339 instant with offset")
        }
        return instant
    }

    mutating func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        of type: Choice.Type = Choice.self
    ) -> Choice? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value, let choice = Choice(rawValue: text) else {
            return fault(name, "must be one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    mutating func optionalBytes(_ name: String, count: Int) -> [UInt8]? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value, let bytes = Base64URL.decode(text), bytes.count == count else {
            return fault(name, "must be \(count) bytes in base64url without padding")
        }
        return bytes
    }

    mutating func optionalObject<Input: JSONInput>(_ name: String, as type: Input.Type = Input.self) -> Input? {
        guard let value = value(name) else { return nil }
        guard case .object(let members) = value else { return fault(name, "must be an object") }
        return Self.nested(members, path: "\(path)/\(name)", faults: faults, as: type)
    }

    // MARK: Shared steps

    private static let nobody = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    private static let epoch = PostgresDate(year: 1970, month: 1, day: 1)

    private static func isText(_ text: String, _ length: ClosedRange<Int>) -> Bool {
        // In one pass: every byte but a continuation begins a scalar.
        var scalars = 0
        for byte in text.utf8 {
            guard byte != 0 else { return false }
            if byte & 0xC0 != 0x80 { scalars += 1 }
        }
        return length.contains(scalars)
    }

    private func isFaulty(_ name: String) -> Bool {
        faults.errors.contains { $0.pointer == "\(path)/\(name)" || $0.pointer.hasPrefix("\(path)/\(name)/") }
    }

    private func fault<Value>(_ name: String, _ detail: String) -> Value? {
        refuse(name, detail)
        return nil
    }

    /// Notes a missing member; a fault that stands already says more.
    private func required<Value>(_ name: String, _ value: Value?, _ placeholder: Value) -> Value {
        if let value { return value }
        if !isFaulty(name) { refuse(name, "is required") }
        return placeholder
    }

    private mutating func elements<Element>(
        _ name: String,
        count: ClosedRange<Int>,
        _ read: (JSONValue, String, Faults) -> Element?
    ) -> [Element] {
        guard let value = value(name) else {
            if count.lowerBound > 0 { refuse(name, "is required") }
            return []
        }
        guard case .array(let values) = value else {
            refuse(name, "must be a list")
            return []
        }
        guard count.contains(values.count) else {
            refuse(name, "must have \(count.lowerBound) to \(count.upperBound) elements")
            return []
        }
        return values.enumerated().compactMap { index, value in
            if let element = read(value, "\(path)/\(name)/\(index)", faults) { return element }
            faults.errors.append(.init(pointer: "\(path)/\(name)/\(index)", detail: "is not of the expected form"))
            return nil
        }
    }
}
