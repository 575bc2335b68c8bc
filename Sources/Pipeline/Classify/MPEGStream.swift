/// MPEG streams without a signature. Their sync word comes again at the end of the first frame or packet.
enum MPEGStream {
    static func type(of head: FileHead) -> MediaType? {
        // A UTF-16 byte order mark looks like the start of an audio frame.
        if head.hasByteOrderMark { return nil }
        if isTransportStream(head) { return .rewrappable("video/mp2t", "an MPEG transport stream", "ts") }
        if let length = adtsFrameLength(at: 0, in: head), adtsFrameLength(at: length, in: head) != nil {
            return .other("audio/aac", "an AAC sound")
        }
        if let length = audioFrameLength(at: 0, in: head), audioFrameLength(at: length, in: head) != nil {
            return .other("audio/mpeg", "an MP3 sound")
        }
        return nil
    }

    /// Packets of 188 bytes. Or packets of 192 bytes, each beginning with four bytes of time code (Blu-ray, AVCHD).
    private static func isTransportStream(_ head: FileHead) -> Bool {
        [(0, 188), (4, 192)].contains { start, packet in
            (0..<3).allSatisfy { head.byte(at: start + $0 * packet) == 0x47 }
        }
    }

    /// The frame's length in bytes. Nil if there is no ADTS header (ISO/IEC 13818-7, 6.2).
    private static func adtsFrameLength(at offset: Int, in head: FileHead) -> Int? {
        guard let header = head.number(at: offset, length: 7), header >> 44 == 0xFFF else { return nil }
        let layer = header >> 41 & 0b11
        let samplingRate = header >> 34 & 0b1111
        let length = Int(header >> 13 & 0x1FFF)
        return layer == 0 && samplingRate < 13 && length > 7 ? length : nil
    }

    /// The frame's length in bytes. Nil if there is no header of MPEG audio, layer III (WHATWG MIME Sniffing Standard,
    /// 6.2.4).
    private static func audioFrameLength(at offset: Int, in head: FileHead) -> Int? {
        guard let header = head.number(at: offset, length: 4), header >> 21 == 0x7FF else { return nil }
        let version = header >> 19 & 0b11
        let layer = header >> 17 & 0b11
        let rateIndex = Int(header >> 12 & 0b1111)
        let samplingIndex = Int(header >> 10 & 0b11)
        let padding = Int(header >> 9 & 1)
        guard version != 1, layer == 1, (1...14).contains(rateIndex), samplingIndex < 3 else { return nil }
        let isVersion1 = version == 3
        let rate = (isVersion1 ? ratesOfVersion1 : ratesOfVersion2)[rateIndex - 1] * 1000
        let sampling = [44_100, 48_000, 32_000][samplingIndex] / (isVersion1 ? 1 : version == 2 ? 2 : 4)
        return (isVersion1 ? 144 : 72) * rate / sampling + padding
    }

    /// Bit rates in kbit/s, for the indices 1 to 14.
    private static let ratesOfVersion1 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
    private static let ratesOfVersion2 = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
}
