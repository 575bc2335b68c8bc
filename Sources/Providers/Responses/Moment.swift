import Pipeline

/// The forms in which servers write a moment: ISO 8601, HTTP dates, Unix seconds and milliseconds.
enum Moment {
    /// Reads `2026-11-22T10:15:30Z`. Fraction, offset and seconds are optional; without an offset the time is UTC.
    static func iso8601(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 16, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "t"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10])
        else { return nil }
        var clock = bytes[11...]
        var offset: Int64 = 0
        if clock.last == UInt8(ascii: "Z") || clock.last == UInt8(ascii: "z") {
            clock = clock.dropLast()
        } else if let sign = clock.lastIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }) {
            let digits = clock[(sign + 1)...].filter { $0 != UInt8(ascii: ":") }
            guard digits.count == 4, let hours = number(digits[0..<2]), let minutes = number(digits[2..<4]) else {
                return nil
            }
            offset = (hours * 60 + minutes) * (clock[sign] == UInt8(ascii: "+") ? 60 : -60)
            clock = clock[..<sign]
        }
        guard let time = seconds(ofClock: clock), let days = days(year: year, month: month, day: day) else {
            return nil
        }
        return Timestamp(milliseconds: (days * 86_400 - offset) * 1000 + time)
    }

    /// Reads `Sun, 22 Nov 2026 10:15:30 GMT`, the one form that RFC 9110 lets a server send.
    static func httpDate(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
            let day = number(Array(words[1].utf8)[...]), let year = number(Array(words[3].utf8)[...]),
            let month = months.firstIndex(of: words[2].lowercased()),
            let time = seconds(ofClock: Array(words[4].utf8)[...]),
            let days = days(year: year, month: Int64(month) + 1, day: day)
        else { return nil }
        return Timestamp(milliseconds: days * 86_400_000 + time)
    }

    /// Reads Unix time: milliseconds from 1e11 on (the year 5138 in seconds), seconds below that.
    static func unix(_ value: Double) -> Timestamp? {
        guard value.isFinite, value >= 0, value < 1e14 else { return nil }
        return Timestamp(milliseconds: Int64(value >= 1e11 ? value : value * 1000))
    }

    /// Reads `10:15`, `10:15:30` or `10:15:30.5`. The result is in milliseconds.
    private static func seconds(ofClock bytes: ArraySlice<UInt8>) -> Int64? {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hours = number(parts[0]), let minutes = number(parts[1]),
            hours < 24, minutes < 60
        else { return nil }
        var milliseconds = (hours * 3600 + minutes * 60) * 1000
        if parts.count == 3 {
            guard let seconds = Double(String(decoding: parts[2], as: UTF8.self)), (0..<61).contains(seconds) else {
                return nil
            }
            milliseconds += Int64(seconds * 1000)
        }
        return milliseconds
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard (1...4).contains(bytes.count), bytes.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(String(decoding: bytes, as: UTF8.self))
    }

    /// Days since 1970-01-01 in the Gregorian calendar. Years count from March, so leap days come last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        let years = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return years * 365 + years / 4 - years / 100 + years / 400 + dayOfYear - 719_468
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
}
