import Foundation

/// A file of mode 0600 that has its name only once all of it is on the disk; until then it ends in `.part`.
final class NewFile {
    private let path: String
    private let descriptor: Int32
    private var part: String { path + ".part" }

    /// - Throws: ``OperationRefusal`` when there is something of that name, or it cannot be made.
    init(_ path: String) throws {
        self.path = path
        guard !FileManager.default.fileExists(atPath: path) else {
            throw OperationRefusal("\(path) is there already; nothing was written. Give another name.")
        }
        // What is left of an attempt that was ended.
        unlink(path + ".part")
        descriptor = open(path + ".part", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw OperationRefusal("\(path) cannot be written: \(Self.reason).") }
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw OperationRefusal("\(path) cannot be written: \(Self.reason).") }
            rest = rest.dropFirst(count)
        }
    }

    /// Waits for the disk and gives the file its name.
    func finish() throws {
        guard fsync(descriptor) == 0, link(part, path) == 0 else {
            throw OperationRefusal("\(path) cannot be written: \(Self.reason).")
        }
        DataDirectory.syncDirectory(of: path)
    }

    deinit {
        close(descriptor)
        unlink(path + ".part")
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
