import CWebClient
import Crypto
import Foundation

/// The files that a browser gets; they travel inside the program.
enum WebClient {
    /// One of them.
    struct File: Sendable {
        /// As it is served; without a slash at its beginning it lies below `/web/{version}/`.
        let path: String
        let mediaType: String
        let bytes: [UInt8]
        let tag: String

        init(path: String, mediaType: String, bytes: [UInt8]) {
            self.path = path
            self.mediaType = mediaType
            self.bytes = bytes
            tag = EntityTag.of(Data(bytes), version: nil)
        }
    }

    static let files: [File] = {
        var count = 0
        let first = chorus_web_files(&count)
        return UnsafeBufferPointer(start: first, count: count).map { file in
            File(
                path: String(cString: file.path),
                mediaType: String(cString: file.media_type),
                bytes: Array(UnsafeBufferPointer(start: file.bytes, count: file.length))
            )
        }
    }()

    /// SHA-256 over all files in the order of their paths.
    ///
    /// The key directory shows it, so that a page that was served to one person only can be noticed. The page
    /// itself and its list of digests follow from the files.
    static let bundleDigest: [UInt8] = {
        var hash = SHA256()
        for file in files.sorted(by: { $0.path < $1.path }) {
            hash.update(data: Array(file.path.utf8) + [0])
            hash.update(data: Array(SHA256.hash(data: file.bytes)))
        }
        return Array(hash.finalize())
    }()

    /// Stands in the addresses of modules, so that a browser never mixes files of two versions.
    static let version = bundleDigest.prefix(8).map { byte in
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()

    /// The file at a path, as it is in the table.
    static func file(_ path: String) -> File? { files.first { $0.path == path } }
}
