import SystemPackage

// Fields whose values are values of the pipeline.

extension FieldCodec {
    /// 64 hex digits.
    static func digest(_ name: String, _ place: Place<SHA256Digest>) -> Self {
        required(
            name,
            place,
            isString: true,
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
            isString: true,
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

    /// No warnings are left out, and anything else reads as none.
    static func warnings(_ name: String, _ place: Place<[MediaWarning]>) -> Self {
        FieldCodec(
            names: [name],
            isString: false,
            isAlwaysThere: false,
            write: { whole, _, fields in
                let warnings = whole[keyPath: place]
                if !warnings.isEmpty { fields.append(JSON.Member(name, warnings.json)) }
            },
            read: { fields, whole in
                whole[keyPath: place] = [MediaWarning](fields[name])
                return true
            }
        )
    }

    /// Names of files, with how all of them are written beside them. No names are left out, and anything else reads as
    /// none.
    static func fileNames(_ name: String, _ place: Place<[FilePath.Component]>) -> Self {
        FieldCodec(
            names: [name, ManifestKey.encodingName(of: name)],
            isString: false,
            isAlwaysThere: false,
            write: { whole, _, fields in
                if !whole[keyPath: place].isEmpty { fields += ManifestKey.fields(name, of: whole[keyPath: place]) }
            },
            read: { fields, whole in
                whole[keyPath: place] = fields.fileNames(name)
                return true
            }
        )
    }
}
