internal import CLibpq
import Foundation

/// A `PGresult`, freed with its last reference.
@safe final class ResultView {
    private let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit { unsafe PQclear(pointer) }

    var status: ExecStatusType { unsafe PQresultStatus(pointer) }
    var rowCount: Int { Int(unsafe PQntuples(pointer)) }
    var columnCount: Int { Int(unsafe PQnfields(pointer)) }
    /// Such as `COMMIT` or `INSERT 0 1`.
    var commandTag: String { unsafe PQcmdStatus(pointer).map { unsafe String(cString: $0) } ?? "" }
    var parameterTypes: [PostgresType] {
        let count = unsafe PQnparams(pointer)
        return (0..<count).map { PostgresType(oid: unsafe PQparamtype(pointer, $0)) }
    }

    func type(of column: Int) -> PostgresType { PostgresType(oid: unsafe PQftype(pointer, Int32(column))) }
    func isBinary(_ column: Int) -> Bool { unsafe PQfformat(pointer, Int32(column)) == 1 }
    func name(of column: Int) -> String {
        unsafe PQfname(pointer, Int32(column)).map { unsafe String(cString: $0) } ?? ""
    }

    /// The bytes of one value; `nil` for NULL.
    func bytes(row: Int, column: Int) -> [UInt8]? {
        let (row, column) = (Int32(row), Int32(column))
        guard unsafe PQgetisnull(pointer, row, column) == 0, let start = unsafe PQgetvalue(pointer, row, column) else {
            return nil
        }
        let length = Int(unsafe PQgetlength(pointer, row, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: length))
    }

    /// Whether the server refused the command.
    var isFailure: Bool { status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE }

    /// The bland part of a server error: never its message, detail or context.
    var error: PostgresError {
        guard let sqlState = field("C") else { return PostgresError(.connectionLost) }
        return PostgresError(.server(sqlState: sqlState, constraint: field("n"), table: field("t")))
    }

    /// Whether a notice says that a commit waits no longer for its synchronous standby; told by the function that
    /// says so, because its words are in the server's language and its SQLSTATE is that of any warning.
    static func isFromWaitForStandby(_ notice: OpaquePointer?) -> Bool {
        guard let name = unsafe PQresultErrorField(notice, Int32(Unicode.Scalar("R").value)) else { return false }
        return unsafe strcmp(name, "SyncRepWaitForLSN") == 0
    }

    /// A field of an error by the code of the wire protocol (PostgreSQL manual, section 55.8).
    private func field(_ code: Unicode.Scalar) -> String? {
        unsafe PQresultErrorField(pointer, Int32(code.value)).map { unsafe String(cString: $0) }
    }
}
