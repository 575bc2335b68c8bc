import Glibc
import Watch

/// Events as they come out of one read(2) of inotify: for each file its creation, a write and its closing.
enum EventParse {
    static func measure(_ count: Int) async throws -> Measurement {
        let text = buffer(count)
        var found = 0
        let measurement = await Measurement.of("event parse", count) {
            text.withUnsafeBytes { found = InotifyEvent.parse($0).count }
        }
        try WrongResult.check("event parse", found, is: count)
        return measurement
    }

    /// Source: inotify(7), `struct inotify_event`. Names are padded with NULs to a multiple of 16 bytes.
    private static func buffer(_ count: Int) -> [UInt8] {
        let masks = [IN_CREATE, IN_MODIFY, IN_CLOSE_WRITE].map { UInt32($0) }
        var bytes: [UInt8] = []
        for number in 0..<count {
            let name = Array("IMG_\(number / masks.count).jpg".utf8)
            let length = (name.count / 16 + 1) * 16
            for word in [1, masks[number % masks.count], 0, UInt32(length)] {
                withUnsafeBytes(of: word) { bytes += $0 }
            }
            bytes += name + Array(repeating: 0, count: length - name.count)
        }
        return bytes
    }
}
