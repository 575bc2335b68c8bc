import Testing

@testable import Providers

struct URLTextTests {
    @Test func `queries, fragments, names and passwords are left out`() {
        #expect(URLText.withoutQuery("https://h/p?q=1") == "https://h/p")
        #expect(URLText.withoutQuery("https://u:p@h:1/p#f") == "https://h:1/p")
        #expect(URLText.withoutQuery("https://h/p@2") == "https://h/p@2")
    }

    @Test func `hosts keep their port`() {
        #expect(URLText.host("https://u@h.example:8443/p?q") == "h.example:8443")
        #expect(URLText.host("https://h.example?q=secret") == "h.example")
        #expect(URLText.host("nonsense?secret") == "nonsense")
    }

    @Test func `all URLs of a text are cut`() {
        let text = "from 'https://a/b?s=1' to (http://c?d) and ftp://x/y?z end"

        #expect(URLText.withoutQueries(text) == "from 'https://a/b' to (http://c) and ftp://x/y end")
        #expect(URLText.withoutQueries("no url? none") == "no url? none")
        #expect(URLText.withoutQueries("Cannot PUT /a/b?X-Amz-Signature=1&c=2 <p> why?") == "Cannot PUT /a/b <p> why?")
        #expect(URLText.withoutQueries("/a?b=1 https://h/p?q=1 '/c?d=2'") == "/a https://h/p '/c'")
    }

    @Test func `only http and https can be sent to`() {
        #expect(URLText.isAbsolute("https://h/p"))
        #expect(URLText.isAbsolute("HTTP://h"))
        #expect(!URLText.isAbsolute("/p"))
        #expect(!URLText.isAbsolute("file:///etc/passwd"))
        #expect(!URLText.isAbsolute("https://"))
    }

    @Test func `values of a query are encoded`() {
        #expect(URLText.encoded("urn:li:a/b c&é~") == "urn%3Ali%3Aa%2Fb%20c%26%C3%A9~")
        #expect(URLText.encoded("\n") == "%0A")
    }
}

struct SecretTests {
    @Test func `a secret never prints itself`() {
        let secret = Secret("pb_live_key")
        var dumped = ""
        var keys = MemoryKeys()
        for kind in ProviderKind.allCases {
            dump(kind.settings.init(ConnectionSettings(baseURL: "https://h", key: secret), from: &keys), to: &dumped)
        }

        for text in [
            "\(secret)", String(reflecting: secret), dumped, "\(ConnectionSettings(baseURL: "", key: secret))",
        ] {
            #expect(!text.contains("pb_live"))
            #expect(text.contains("••••"))
        }
    }

    @Test func `a secret is taken out of a text`() {
        #expect(Secret("key1").removed(from: "Invalid key key1") == "Invalid key ••••")
        #expect(Secret("").removed(from: "abc") == "abc")
    }
}
