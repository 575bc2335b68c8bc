/// The items of a HEIF file (ISO/IEC 23008-12, `meta`): the sides of the primary one.
///
/// A property `ispe` has the sides. `ipma` tells which properties an item has, by their places in `ipco`. A picture of
/// tiles (`grid`) is an item of its own, with its own sides. `irot` and `clap` are not applied.
struct ISOItems {
    /// `pitm`.
    private var primary: UInt64?
    /// `iprp`.
    private var properties: ISOBox?
    private let bytes: FileBytes

    static func measure(of items: ISOBox, in bytes: FileBytes) -> MediaMeasure {
        let items = ISOItems(items, bytes)
        guard let primary = items.primary, let properties = items.properties else { return .unknown }
        let places = items.places(of: primary, properties)
        return MediaMeasure(sides: items.sides(at: places, properties))
    }

    private init(_ items: ISOBox, _ bytes: FileBytes) {
        self.bytes = bytes
        items.walk(from: 4, in: bytes) { box in
            switch box.type {
            case "pitm":
                let isShort = box.number(at: 0, length: 1, in: bytes) == 0
                primary = box.number(at: 4, length: isShort ? 2 : 4, in: bytes)
            case "iprp": properties = properties ?? box
            default: break
            }
            return primary == nil || properties == nil
        }
    }

    /// The places of an item's properties in `ipco`, the first of which is 1.
    private func places(of item: UInt64, _ properties: ISOBox) -> Set<UInt64> {
        var places: Set<UInt64> = []
        properties.walk(in: bytes) { box in
            if box.type == "ipma" { read(box) { if $0 == item { places.insert($1) } } }
            return true
        }
        return places
    }

    /// Goes through the items of an `ipma` and the place of each of their properties.
    private func read(_ box: ISOBox, _ visit: (_ item: UInt64, _ place: UInt64) -> Void) {
        let idLength = box.number(at: 0, length: 1, in: bytes) == 0 ? 2 : 4
        guard let flags = box.number(at: 3, length: 1, in: bytes), let items = box.number(at: 4, length: 4, in: bytes)
        else { return }
        let length = flags & 1 == 0 ? 1 : 2
        var place: Int64 = 8
        for _ in 0..<items {
            guard
                let item = box.number(at: place, length: idLength, in: bytes),
                let count = box.number(at: place + Int64(idLength), length: 1, in: bytes)
            else { return }
            place += Int64(idLength) + 1
            for index in 0..<Int64(count) {
                guard let value = box.number(at: place + index * Int64(length), length: length, in: bytes) else {
                    return
                }
                // The highest bit says whether a reader must know the property.
                visit(item, value & (length == 1 ? 0x7F : 0x7FFF))
            }
            place += Int64(count) * Int64(length)
        }
    }

    private func sides(at places: Set<UInt64>, _ properties: ISOBox) -> (UInt64?, UInt64?) {
        var sides: (UInt64?, UInt64?) = (nil, nil)
        var place: UInt64 = 0
        properties.child("ipco", in: bytes)?.walk(in: bytes) { box in
            place += 1
            guard box.type == "ispe", places.contains(place) else { return true }
            sides = (box.number(at: 4, length: 4, in: bytes), box.number(at: 8, length: 4, in: bytes))
            return false
        }
        return sides
    }
}
