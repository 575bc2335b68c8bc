/// Raw photos in the form of a TIFF file. A raw photo has the sensor's own picture in one of its directories.
enum RawPhoto {
    /// Nil for a TIFF image that is no raw photo.
    static func type(in bytes: FileBytes) -> MediaType? {
        if bytes.has("IIII", at: 8) || bytes.has("MMMM", at: 8) {
            return .raw("image/x-phaseone-iiq", "a Phase One raw photo")
        }
        var reader = Reader(bytes)
        reader.read()
        if reader.isDNG { return .raw("image/x-adobe-dng", "a raw photo (DNG)") }
        guard reader.isRaw else { return nil }
        return makers.first { reader.maker.hasPrefix($0.maker) }?.type ?? .raw("image/x-dcraw", "a raw photo")
    }

    private static let makers: [(maker: String, type: MediaType)] = [
        ("NIKON", .raw("image/x-nikon-nef", "a Nikon raw photo")),
        ("SONY", .raw("image/x-sony-arw", "a Sony raw photo")),
        ("PENTAX", .raw("image/x-pentax-pef", "a Pentax raw photo")),
        ("RICOH", .raw("image/x-pentax-pef", "a Pentax raw photo")),
        ("Canon", .raw("image/x-canon-cr2", "a Canon raw photo")),
    ]

    /// Reads the directories of a TIFF file (TIFF 6.0, section 2), and those beneath them.
    private struct Reader {
        private(set) var isDNG = false
        private(set) var isRaw = false
        private(set) var maker = ""
        private let bytes: FileBytes
        private let isLittle: Bool
        private var places: [Int64] = []

        /// So many directories are read, and so many fields of each.
        private static let mostDirectories = 16
        private static let mostFields = 512

        init(_ bytes: FileBytes) {
            self.bytes = bytes
            isLittle = bytes.has("II", at: 0)
        }

        mutating func read() {
            if let first = number(at: 4, length: 4) { places = [first] }
            var index = 0
            while index < min(places.count, Self.mostDirectories) {
                readDirectory(at: places[index])
                index += 1
            }
        }

        private mutating func readDirectory(at place: Int64) {
            guard place > 0, let count = number(at: place, length: 2) else { return }
            for field in 0..<min(count, Int64(Self.mostFields)) { readField(at: place + 2 + 12 * field) }
            if let next = number(at: place + 2 + 12 * count, length: 4) { add(next) }
        }

        private mutating func readField(at place: Int64) {
            guard
                let tag = number(at: place, length: 2),
                let type = number(at: place + 2, length: 2),
                let count = number(at: place + 4, length: 4)
            else { return }
            switch tag {
            case 50706: isDNG = true
            case 271 where maker.isEmpty: maker = text(at: place, count)
            // Compression of Nikon, Sony and Pentax.
            case 259: isRaw = isRaw || [34713, 32767, 65535].contains(value(at: place, type))
            // Photometric interpretation: a colour filter array, or its linear picture.
            case 262: isRaw = isRaw || [32803, 34892].contains(value(at: place, type))
            case 330: readPlaces(at: place, count)
            default: break
            }
        }

        /// The directories beneath this one (SubIFDs).
        private mutating func readPlaces(at place: Int64, _ count: Int64) {
            guard count > 1 else {
                if let one = number(at: place + 8, length: 4) { add(one) }
                return
            }
            guard let list = number(at: place + 8, length: 4) else { return }
            for index in 0..<min(count, Int64(Self.mostDirectories)) {
                if let one = number(at: list + 4 * index, length: 4) { add(one) }
            }
        }

        private mutating func add(_ place: Int64) {
            if place > 0, places.count < Self.mostDirectories, !places.contains(place) { places.append(place) }
        }

        /// A short or a long number.
        private func value(at place: Int64, _ type: Int64) -> Int64? {
            number(at: place + 8, length: type == 3 ? 2 : 4)
        }

        private func text(at place: Int64, _ count: Int64) -> String {
            let start = count <= 4 ? place + 8 : number(at: place + 8, length: 4) ?? 0
            let text = bytes.some(at: start, upTo: Int(min(count, 32))) ?? []
            return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        }

        private func number(at offset: Int64, length: Int) -> Int64? {
            let number =
                isLittle ? bytes.littleNumber(at: offset, length: length) : bytes.number(at: offset, length: length)
            return number.map { Int64($0) }
        }
    }
}
