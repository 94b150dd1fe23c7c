import Foundation
import Testing

@testable import Chorus

@Suite struct FieldsTests {
    private struct Part: JSONInput {
        let id: UUID
        init(_ fields: inout Fields) { id = fields.uuid("id") }
    }

    private struct Whole: JSONInput {
        let title: String
        let seats: Int?
        let parts: [Part]
        init(_ fields: inout Fields) {
            title = fields.string("title", length: 1...5)
            seats = fields.optionalInteger("seats", in: 1...10)
            parts = fields.objects("parts", count: 0...3)
        }
    }

    private func faults(_ json: String) -> [String] {
        do {
            _ = try Fields.read(Array(json.utf8), as: Whole.self)
            return []
        } catch {
            return error.errors.map(\.pointer)
        }
    }

    @Test func everyFaultIsNamedByItsPlaceInOneAnswer() {
        let json = #"{"title":"","seats":11,"parts":[{"id":"x"},{"id":"x","more":1},7],"a/b":1}"#
        #expect(
            faults(json) == ["/title", "/seats", "/parts/0/id", "/parts/1/id", "/parts/1/more", "/parts/2", "/a~1b"]
        )
    }

    @Test func whatIsMissingIsNamedOnce() {
        #expect(faults("{}") == ["/title"])
        #expect(faults(#"{"title":null}"#) == ["/title"])
    }

    @Test func aNULIsNoText() {
        #expect(faults(#"{"title":"a\u0000"}"#) == ["/title"])
    }

    @Test func whatIsNoObjectIsNotRead() {
        #expect(throws: Problem(.malformed)) { try Fields.read(Array("{".utf8), as: Whole.self) }
        #expect(throws: Problem.self) { try Fields.read(Array("[]".utf8), as: Whole.self) }
    }
}
