import Crypto
import Foundation

/// Encrypts a file as it is written, 64 KiB at a time.
///
/// Each piece is numbered and the last one marked, so that nothing can be changed, moved or cut off (STREAM: Hoang,
/// Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance"). No more
/// than that is ever in memory.
final class AgeWriter {
    private let file: NewFile
    private var chunks: AgeChunks
    private var held: [UInt8] = []

    /// - Parameters:
    ///   - path: must not be there; it is once all of it is on the disk.
    ///   - recipients: who can open it.
    ///   - cost: of a passphrase.
    init(_ path: String, for recipients: [AgeRecipient], cost: Int = AgeHeader.cost) throws {
        let (head, key) = try AgeHeader.make(for: recipients, cost: cost)
        file = try NewFile(path)
        chunks = AgeChunks(key: key)
        try file.write(head)
    }

    func write(_ bytes: [UInt8]) throws {
        held += bytes
        // The last one is kept back, because it is marked.
        while held.count > AgeChunks.size {
            try file.write(try chunks.seal(held.prefix(AgeChunks.size), isLast: false))
            held.removeFirst(AgeChunks.size)
        }
    }

    /// Writes the rest and gives the file its name.
    func finish() throws {
        try file.write(try chunks.seal(held[...], isLast: true))
        try file.finish()
    }
}

/// Decrypts a file as it is read.
final class AgeReader {
    enum Failure: Error { case cutOff }

    private let file: FileHandle
    private var chunks: AgeChunks
    private var ahead: [UInt8]
    private var isOver = false

    /// - Throws: ``AgeHeader/Failure``; what Foundation throws when there is no such file.
    init(_ path: String, with identities: [AgeIdentity]) throws {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        let key = try AgeHeader.open(with: identities) {
            try Self.line(of: file)
        } nonce: {
            try Self.read(file, 16)
        }
        self.file = file
        chunks = AgeChunks(key: key)
        ahead = try Self.read(file, AgeChunks.sealedSize)
    }

    /// - Returns: up to 64 KiB; `nil` at the end, which nobody has moved.
    /// - Throws: when somebody has changed what is there, or cut it off.
    func next() throws -> [UInt8]? {
        if isOver { return nil }
        let sealed = ahead
        ahead = try Self.read(file, AgeChunks.sealedSize)
        isOver = ahead.isEmpty
        guard !sealed.isEmpty else { throw Failure.cutOff }
        return try chunks.open(sealed, isLast: isOver)
    }

    private static func line(of file: FileHandle) throws -> String {
        var line: [UInt8] = []
        while true {
            let byte = try read(file, 1)
            guard let byte = byte.first, line.count < 4_096 else { throw AgeHeader.Failure.malformed }
            if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    private static func read(_ file: FileHandle, _ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, let more = try file.read(upToCount: count - bytes.count), !more.isEmpty {
            bytes += more
        }
        return bytes
    }
}

/// The numbered pieces of a file.
struct AgeChunks {
    static let size = 65_536
    static let sealedSize = size + 16

    let key: SymmetricKey
    private var count: UInt64 = 0

    init(key: SymmetricKey) {
        self.key = key
    }

    mutating func seal(_ bytes: ArraySlice<UInt8>, isLast: Bool) throws -> [UInt8] {
        let box = try ChaChaPoly.seal(bytes, using: key, nonce: try next(isLast))
        return Array(box.ciphertext + box.tag)
    }

    mutating func open(_ bytes: [UInt8], isLast: Bool) throws -> [UInt8] {
        guard bytes.count >= 16 else { throw AgeReader.Failure.cutOff }
        let nonce = try next(isLast)
        let box = try ChaChaPoly.SealedBox(nonce: nonce, ciphertext: bytes.dropLast(16), tag: bytes.suffix(16))
        return Array(try ChaChaPoly.open(box, using: key))
    }

    /// Eleven bytes that count, and one that says whether it is the last.
    private mutating func next(_ isLast: Bool) throws -> ChaChaPoly.Nonce {
        defer { count += 1 }
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * UInt64($0))) }
        return try ChaChaPoly.Nonce(data: Data([0, 0, 0] + counter + [isLast ? 1 : 0]))
    }
}
