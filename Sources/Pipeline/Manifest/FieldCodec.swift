import SystemPackage

/// One field of a `Whole`, such as an entry: its names, how it is written, how it is read.
struct FieldCodec<Whole>: Sendable {
    typealias Place<Value> = any WritableKeyPath<Whole, Value> & Sendable

    /// The member's name. A path has a second member, which says how the path is written.
    let names: [String]
    /// Whether the field is written always. If not, it is left out where there is nothing to say.
    let isAlwaysThere: Bool
    fileprivate let write: @Sendable (Whole, FieldTimes, inout [JSON.Member]) -> Void
    /// False if a field without which the whole means nothing is missing or damaged.
    fileprivate let read: @Sendable ([JSON.Member], inout Whole) -> Bool
}

/// How times are written. Both forms are read.
enum FieldTimes {
    /// As text to the second, in UTC: as the manifest has them.
    case seconds
    /// As the number of milliseconds since the epoch: as the ledger has them.
    case milliseconds
}

extension Array {
    /// The fields of `whole`, in the order of this list.
    func fields<Whole>(of whole: Whole, times: FieldTimes) -> [JSON.Member] where Element == FieldCodec<Whole> {
        var fields: [JSON.Member] = []
        fields.reserveCapacity(count + 1)
        for codec in self { codec.write(whole, times, &fields) }
        return fields
    }

    /// `blank` with all fields of this list; nil if a required one is missing.
    func filled<Whole>(_ blank: Whole, from fields: [JSON.Member]) -> Whole? where Element == FieldCodec<Whole> {
        var whole = blank
        return allSatisfy { $0.read(fields, &whole) } ? whole : nil
    }
}

// MARK: Kinds of fields

extension FieldCodec {
    static func text(_ name: String, _ place: Place<String>) -> Self {
        required(name, place, write: { text, _ in .string(text) }, read: \.string)
    }

    /// Nothing is written as null. Any other value reads as nothing.
    static func text(_ name: String, _ place: Place<String?>) -> Self {
        lenient(name, place, write: { text in text.map(JSON.string) ?? .null }, read: { $0?.string })
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
            write: { word, _ in .string(word.rawValue) },
            read: { $0.string.flatMap(Word.init(rawValue:)) }
        )
    }

    static func number(_ name: String, _ place: Place<Int64>) -> Self {
        required(name, place, write: { number, _ in .integer(number) }, read: \.int64)
    }

    static func truth(_ name: String, _ place: Place<Bool>) -> Self {
        required(name, place, write: { truth, _ in .bool(truth) }, read: \.bool)
    }

    /// 64 hex digits.
    static func digest(_ name: String, _ place: Place<SHA256Digest>) -> Self {
        required(
            name,
            place,
            write: { digest, _ in .string(digest.hex) },
            read: { $0.string.flatMap(SHA256Digest.init(hex:)) }
        )
    }

    static func time(_ name: String, _ place: Place<Timestamp>) -> Self {
        required(
            name,
            place,
            write: { time, times in
                switch times {
                case .seconds: .string(time.iso8601)
                case .milliseconds: .integer(time.milliseconds)
                }
            },
            read: { value in
                value.string.flatMap(Timestamp.init(iso8601:)) ?? value.int64.map(Timestamp.init(milliseconds:))
            }
        )
    }

    /// A path, with how it is written beside it. Nothing is left out, and anything else reads as nothing.
    static func path(_ name: String, _ place: Place<FilePath?>) -> Self {
        FieldCodec(
            names: [name, ManifestKey.encodingName(of: name)],
            isAlwaysThere: false,
            write: { whole, _, fields in
                if let path = whole[keyPath: place] { fields += ManifestKey(path).fields(name) }
            },
            read: { fields, whole in
                whole[keyPath: place] = fields.path(name)
                return true
            }
        )
    }

    /// Without this field, or with a damaged one, the whole means nothing.
    private static func required<Value>(
        _ name: String,
        _ place: Place<Value>,
        write: @escaping @Sendable (Value, FieldTimes) -> JSON,
        read: @escaping @Sendable (JSON) -> Value?
    ) -> Self {
        FieldCodec(
            names: [name],
            isAlwaysThere: true,
            write: { whole, times, fields in fields.append(JSON.Member(name, write(whole[keyPath: place], times))) },
            read: { fields, whole in
                guard let value = fields[name].flatMap(read) else { return false }
                whole[keyPath: place] = value
                return true
            }
        )
    }

    /// Whatever stands there, or nothing, has a meaning.
    private static func lenient<Value>(
        _ name: String,
        _ place: Place<Value>,
        write: @escaping @Sendable (Value) -> JSON,
        read: @escaping @Sendable (JSON?) -> Value
    ) -> Self {
        FieldCodec(
            names: [name],
            isAlwaysThere: true,
            write: { whole, _, fields in fields.append(JSON.Member(name, write(whole[keyPath: place]))) },
            read: { fields, whole in
                whole[keyPath: place] = read(fields[name])
                return true
            }
        )
    }
}
