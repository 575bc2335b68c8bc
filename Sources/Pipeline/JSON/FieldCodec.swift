/// One field of a `Whole`, such as an entry: its names, how it is written, how it is read.
package struct FieldCodec<Whole>: Sendable {
    typealias Place<Value> = any WritableKeyPath<Whole, Value> & Sendable

    /// The member's name. A path has a second member, which says how the path is written.
    package let names: [String]
    /// Whether the value is a string or null.
    package let isString: Bool
    /// Whether the field is written always. If not, it is left out where there is nothing to say.
    let isAlwaysThere: Bool
    let write: @Sendable (Whole, FieldTimes, inout [JSON.Member]) -> Void
    /// False if a field without which the whole means nothing is missing or damaged.
    let read: @Sendable ([JSON.Member], inout Whole) -> Bool

    /// The same field of an `Outer`, which has a `Whole` at this place.
    func within<Outer>(_ place: FieldCodec<Outer>.Place<Whole>) -> FieldCodec<Outer> {
        FieldCodec<Outer>(
            names: names,
            isString: isString,
            isAlwaysThere: isAlwaysThere,
            write: { [write] outer, times, fields in write(outer[keyPath: place], times, &fields) },
            read: { [read] fields, outer in read(fields, &outer[keyPath: place]) }
        )
    }
}

/// How times are written. Both forms are read.
package enum FieldTimes: Sendable {
    /// As text to the second, in UTC: as the manifest has them.
    case seconds
    /// As the number of milliseconds since the epoch: as the ledger has them.
    case milliseconds
}

extension Array {
    /// The fields of `whole`, in the order of this list.
    package func fields<Whole>(of whole: Whole, times: FieldTimes) -> [JSON.Member] where Element == FieldCodec<Whole> {
        var fields: [JSON.Member] = []
        fields.reserveCapacity(count + 1)
        for codec in self { codec.write(whole, times, &fields) }
        return fields
    }

    /// `blank` with all fields of this list; nil if a required one is missing.
    package func filled<Whole>(_ blank: Whole, from fields: [JSON.Member]) -> Whole?
    where Element == FieldCodec<Whole> {
        var whole = blank
        return allSatisfy { $0.read(fields, &whole) } ? whole : nil
    }
}

// MARK: Kinds of fields

extension FieldCodec {
    static func text(_ name: String, _ place: Place<String>) -> Self {
        required(name, place, isString: true, write: { text, _ in .string(text) }, read: \.string)
    }

    /// Nothing is written as null. Any other value reads as nothing.
    static func text(_ name: String, _ place: Place<String?>) -> Self {
        lenient(name, place, isString: true, write: { text in text.map(JSON.string) ?? .null }, read: { $0?.string })
    }

    /// Any other value reads as no texts.
    static func texts(_ name: String, _ place: Place<[String]>) -> Self {
        lenient(name, place, write: { texts in .array(texts.map(JSON.string)) }, read: { $0?.strings ?? [] })
    }

    /// One of a known set of words. Another word is damage.
    static func word<Word: RawRepresentable & Sendable>(_ name: String, _ place: Place<Word>) -> Self
    where Word.RawValue == String {
        required(
            name,
            place,
            isString: true,
            write: { word, _ in .string(word.rawValue) },
            read: { $0.string.flatMap(Word.init(rawValue:)) }
        )
    }

    static func number(_ name: String, _ place: Place<Int64>) -> Self {
        required(name, place, write: { number, _ in .integer(number) }, read: \.int64)
    }

    /// A number above 0. Nothing is left out, and anything else reads as nothing.
    static func amount(_ name: String, _ place: Place<Int64?>) -> Self {
        optional(name, place, write: JSON.integer, read: { $0.int64.flatMap { $0 > 0 ? $0 : nil } })
    }

    static func truth(_ name: String, _ place: Place<Bool>) -> Self {
        required(name, place, write: { truth, _ in .bool(truth) }, read: \.bool)
    }

    /// Without this field, or with a damaged one, the whole means nothing.
    static func required<Value>(
        _ name: String,
        _ place: Place<Value>,
        isString: Bool = false,
        write: @escaping @Sendable (Value, FieldTimes) -> JSON,
        read: @escaping @Sendable (JSON) -> Value?
    ) -> Self {
        FieldCodec(
            names: [name],
            isString: isString,
            isAlwaysThere: true,
            write: { whole, times, fields in fields.append(JSON.Member(name, write(whole[keyPath: place], times))) },
            read: { fields, whole in
                guard let value = fields[name].flatMap(read) else { return false }
                whole[keyPath: place] = value
                return true
            }
        )
    }

    /// Nothing is left out. A value that cannot be read is nothing.
    static func optional<Value>(
        _ name: String,
        _ place: Place<Value?>,
        write: @escaping @Sendable (Value) -> JSON,
        read: @escaping @Sendable (JSON) -> Value?
    ) -> Self {
        FieldCodec(
            names: [name],
            isString: false,
            isAlwaysThere: false,
            write: { whole, _, fields in
                if let value = whole[keyPath: place] { fields.append(JSON.Member(name, write(value))) }
            },
            read: { fields, whole in
                whole[keyPath: place] = fields[name].flatMap(read)
                return true
            }
        )
    }

    /// Whatever stands there, or nothing, has a meaning.
    private static func lenient<Value>(
        _ name: String,
        _ place: Place<Value>,
        isString: Bool = false,
        write: @escaping @Sendable (Value) -> JSON,
        read: @escaping @Sendable (JSON?) -> Value
    ) -> Self {
        FieldCodec(
            names: [name],
            isString: isString,
            isAlwaysThere: true,
            write: { whole, _, fields in fields.append(JSON.Member(name, write(whole[keyPath: place]))) },
            read: { fields, whole in
                whole[keyPath: place] = read(fields[name])
                return true
            }
        )
    }
}
