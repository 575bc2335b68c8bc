import TestSupport
import Testing

/// The validator that the schema tests rely on: it has to refuse.
struct JSONSchemaValidatorTests {
    private static let schema = """
        {
          "type": "object", "additionalProperties": false, "required": ["id"],
          "properties": {
            "id": {"type": "string", "pattern": "^[a-f0-9]{4}$"},
            "kind": {"enum": ["A", "B"]},
            "schema": {"const": 1},
            "count": {"type": "integer", "minimum": 1},
            "name": {"type": ["string", "null"], "minLength": 1},
            "list": {"type": "array", "items": {"$ref": "#/$defs/word"}},
            "some": {"type": "array", "minItems": 1},
            "either": {"oneOf": [{"type": "string"}, {"type": "number"}, {"const": 7}]},
            "any": {"anyOf": [{"type": "string"}, {"const": 7}]},
            "map": {"type": "object", "propertyNames": {"pattern": "^/"}, "additionalProperties": {"type": "boolean"}}
          },
          "$defs": {"word": {"description": "A word.", "type": "string"}}
        }
        """

    private func problems(_ text: String, schema: String = schema) throws -> [String] {
        try JSONSchemaValidator(schema: JSONTree(parsing: Array(schema.utf8)))
            .problems(in: JSONTree(parsing: Array(text.utf8)))
    }

    @Test(arguments: [
        #"{"id": "00ff"}"#, #"{"id": "00ff", "kind": "B", "schema": 1, "count": 1, "name": null, "list": []}"#,
        #"{"id": "00ff", "list": ["a", "b"], "some": [1], "either": 6, "any": 7, "name": "n"}"#,
        #"{"id": "00ff", "either": "text", "map": {"/a": true}}"#,
    ])
    func `what fits is taken`(text: String) throws {
        #expect(try problems(text) == [])
    }

    @Test(arguments: [
        (#"[]"#, "type"), (#"{}"#, "id is missing"), (#"{"id": "00FF"}"#, "$.id"), (#"{"id": "00ff0"}"#, "$.id"),
        (#"{"id": 1}"#, "$.id"), (#"{"id": "00ff", "more": 1}"#, "$.more"), (#"{"id": "00ff", "kind": "C"}"#, "$.kind"),
        (#"{"id": "00ff", "schema": 2}"#, "$.schema"), (#"{"id": "00ff", "count": 0}"#, "$.count"),
        (#"{"id": "00ff", "count": 1.5}"#, "$.count"), (#"{"id": "00ff", "count": true}"#, "$.count"),
        (#"{"id": "00ff", "name": ""}"#, "$.name"), (#"{"id": "00ff", "name": 3}"#, "$.name"),
        (#"{"id": "00ff", "list": ["a", 1]}"#, "$.list[1]"), (#"{"id": "00ff", "list": {}}"#, "$.list"),
        (#"{"id": "00ff", "some": []}"#, "$.some"),
        (#"{"id": "00ff", "either": null}"#, "fits 0 of 3"), (#"{"id": "00ff", "either": 7}"#, "fits 2 of 3"),
        (#"{"id": "00ff", "any": 8}"#, "$.any"), (#"{"id": "00ff", "map": {"a": true}}"#, "$.map.a (name)"),
        (#"{"id": "00ff", "map": {"/a": 1}}"#, "$.map./a"),
    ])
    func `what does not fit is refused, with its place`(text: String, words: String) throws {
        let found = try problems(text)

        #expect(found.count == 1 && found[0].contains(words), "\(found)")
    }

    @Test(arguments: [
        (#"{"maxItems": 1}"#, "maxItems"), (##"{"$ref": "#/$defs/none"}"##, "#/$defs/none"),
        (#"{"pattern": "("}"#, "pattern"),
        (#"{"enum": 1}"#, "enum"), (#"{"properties": {"a": 1}}"#, "schema"), (#"3"#, "schema"), ("false", "nothing"),
    ])
    func `a schema that it cannot check is a problem itself`(schema: String, words: String) throws {
        let found = try problems(schema.contains("properties") ? #"{"a": 1}"# : #""text""#, schema: schema)

        #expect(found.count == 1 && found[0].contains(words), "\(found)")
    }
}
