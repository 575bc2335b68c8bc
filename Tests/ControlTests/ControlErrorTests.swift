import Foundation
import Pipeline
import Testing

@testable import Control

@Suite struct ControlErrorTests {
    @Test func `the schema of answers names each code of an error, and no other`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../etc/control.schema.json")
        let schema = try JSONReader.value(of: Array(try Data(contentsOf: file))[...])
        let error = schema.members?["$defs"]?.members?["error"]?.members?["properties"]?.members?["error"]
        let codes = try #require(error?.members?["properties"]?.members?["code"]?.members?["enum"]?.strings)
        #expect(codes.sorted() == ControlError.Code.allCases.map(\.rawValue).sorted())
    }
}
