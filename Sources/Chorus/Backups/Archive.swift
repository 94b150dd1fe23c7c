import Foundation

/// A tar file (POSIX.1-1988, "ustar"), so that `age -d FILE | tar x` gives what a restore by hand needs.
///
/// A file whose length is not known beforehand is written in pieces: `private.dump.00000`, `private.dump.00001`, …
final class ArchiveWriter {
    /// How long a piece is at most; as much is in memory.
    static let pieceSize = 1 << 20

    private let file: AgeWriter

    init(_ file: AgeWriter) {
        self.file = file
    }

    func add(_ name: String, _ bytes: [UInt8]) throws {
        try file.write(Self.header(name, bytes.count))
        try file.write(bytes + [UInt8](repeating: 0, count: ArchiveReader.padding(after: bytes.count)))
    }

    /// Adds what comes in pieces.
    ///
    /// - Parameters:
    ///   - name: of all pieces, before their numbers.
    ///   - source: calls its argument with what there is, in order.
    func add(_ name: String, from source: (@escaping (_ bytes: [UInt8]) throws -> Void) throws -> Void) throws {
        var held: [UInt8] = []
        var count = 0
        func flush() throws {
            try add(Self.piece(name, count), held)
            held.removeAll(keepingCapacity: true)
            count += 1
        }
        try source { bytes in
            held += bytes
            if held.count >= Self.pieceSize { try flush() }
        }
        try flush()
    }

    func finish() throws {
        try file.write([UInt8](repeating: 0, count: 1_024))
        try file.finish()
    }

    private static func piece(_ name: String, _ number: Int) -> String {
        let digits = String(number)
        return name + "." + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    private static func header(_ name: String, _ size: Int) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            block.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, at: 0)
        put(octal(0o600, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        put(octal(block.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
        return block
    }
}

/// Reads what ``ArchiveWriter`` wrote, one file after the other.
final class ArchiveReader {
    enum Failure: Error { case malformed }

    private let file: AgeReader
    private var held: [UInt8] = []
    /// What is left of the file that ``next()`` named, and the zeros after it.
    private var left = 0
    private var padding = 0

    init(_ file: AgeReader) {
        self.file = file
    }

    /// Goes on to the next file.
    ///
    /// - Returns: its name; `nil` at the end of the archive, which is also the end of what was encrypted.
    func next() throws -> String? {
        while try read() != nil {}
        _ = try take(padding)
        let header = try take(512)
        guard header.contains(where: { $0 != 0 }) else {
            guard try take(512).allSatisfy({ $0 == 0 }), held.isEmpty, try file.next() == nil else {
                throw Failure.malformed
            }
            return nil
        }
        let size = String(decoding: header[124..<135], as: UTF8.self)
        guard let size = Int(size, radix: 8) else { throw Failure.malformed }
        (left, padding) = (size, Self.padding(after: size))
        return String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// - Returns: more of the file that ``next()`` named; `nil` at its end.
    func read() throws -> [UInt8]? {
        guard left > 0 else { return nil }
        if held.isEmpty { try fill() }
        let bytes = Array(held.prefix(left))
        held.removeFirst(bytes.count)
        left -= bytes.count
        return bytes
    }

    /// - Returns: all of the file that ``next()`` named.
    /// - Parameter limit: how long it may be.
    func readAll(limit: Int = 1 << 24) throws -> [UInt8] {
        guard left <= limit else { throw Failure.malformed }
        var bytes: [UInt8] = []
        while let more = try read() { bytes += more }
        return bytes
    }

    static func padding(after size: Int) -> Int { (512 - size % 512) % 512 }

    private func take(_ count: Int) throws -> [UInt8] {
        while held.count < count { try fill() }
        defer { held.removeFirst(count) }
        return Array(held.prefix(count))
    }

    private func fill() throws {
        guard let more = try file.next() else { throw Failure.malformed }
        held += more
    }
}
