import Testing

@testable import Pipeline

/// When a refusal that says nothing of its file is a verdict on it.
struct ServiceRefusalTests {
    private func isVerdict(_ kind: ProviderError.Kind, tries: Int, isContradicted: Bool) -> Bool {
        ServiceRefusal(kind: kind, tries: tries, isContradicted: isContradicted).isVerdict
    }

    @Test(arguments: [ProviderError.Kind.refusedTicket, .expiredTicket, .unexpectedAnswer])
    func `it is none while no other file contradicts it, however often it comes`(kind: ProviderError.Kind) {
        #expect((1...1000).allSatisfy { !isVerdict(kind, tries: $0, isContradicted: false) })
    }

    @Test func `a refused signature is one as soon as another file contradicts it`() {
        #expect(isVerdict(.refusedTicket, tries: 2, isContradicted: true))
    }

    @Test(arguments: [ProviderError.Kind.expiredTicket, .unexpectedAnswer])
    func `what time may mend has eight tries`(kind: ProviderError.Kind) {
        #expect((1...12).map { isVerdict(kind, tries: $0, isContradicted: true) } == (1...12).map { $0 >= 8 })
    }

    @Test(arguments: [ProviderError.Kind.transient, .refusedFile, .outOfOrder, .unreachable, .refusedKey, .cancelled])
    func `other failures are judged elsewhere`(kind: ProviderError.Kind) {
        #expect(!kind.saysNothingOfFile)
        #expect(!isVerdict(kind, tries: 100, isContradicted: true))
    }
}
