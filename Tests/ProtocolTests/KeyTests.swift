// Keys: their text, and what two pairs agree on.

import Testing

@testable import Protocol

private func error(secret text: String) -> KeyTextError? {
    do throws(KeyTextError) {
        _ = try SecretKey(text: text)
        return nil
    } catch { return error }
}

private func error(public text: String) -> KeyTextError? {
    do throws(KeyTextError) {
        _ = try PublicKey(text: text)
        return nil
    } catch { return error }
}

@Suite struct KeyTextTests {
    @Test func `keys have this text`() {
        #expect(
            Fixture.agentKey.text
                == "poise-sk1-aebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4qe3nho")
        #expect(
            Fixture.agentKey.publicKey.text
                == "poise-pk1-a6rxzpauecj4rn2v3qnrb2dmwqtdoswrnkufh3il37alfodndr6ivswy")
    }

    @Test func `a key's text reads as the key, with space around it or without`() throws {
        for _ in 0..<20 {
            let key = SecretKey.generate()
            #expect(try SecretKey(text: key.text) == key)
            #expect(try PublicKey(text: " \t\(key.publicKey.text)\r\n") == key.publicKey)
        }
    }

    @Test func `two generated keys differ`() {
        #expect(SecretKey.generate() != SecretKey.generate())
    }

    @Test func `a key with one wrong character is refused, whichever and wherever`() {
        let text = Array(Fixture.agentKey.text.utf8)
        for position in text.indices {
            for character in UInt8(0x21)...0x7E where character != text[position] {
                var wrong = text
                wrong[position] = character
                #expect(error(secret: String(decoding: wrong, as: UTF8.self)) != nil)
            }
        }
    }

    @Test func `a key with two neighbours swapped is refused`() {
        let text = Array(Fixture.agentKey.publicKey.text.utf8)
        for position in text.indices.dropLast() where text[position] != text[position + 1] {
            var wrong = text
            wrong.swapAt(position, position + 1)
            #expect(error(public: String(decoding: wrong, as: UTF8.self)) != nil)
        }
    }

    @Test func `every truncation of a key is refused`() {
        let text = Fixture.agentKey.publicKey.text
        for count in 0..<text.count { #expect(error(public: String(text.prefix(count))) != nil) }
    }

    @Test func `each mistake has its error`() {
        let secret = Fixture.agentKey.text
        let key = Fixture.agentKey.publicKey.text
        #expect(error(public: "") == .notAKey(wanted: .public))
        #expect(error(public: "ssh-ed25519 AAAA") == .notAKey(wanted: .public))
        #expect(error(public: secret) == .wrongKind(found: .secret, wanted: .public))
        #expect(error(secret: key) == .wrongKind(found: .public, wanted: .secret))
        #expect(error(public: String(key.dropLast())) == .wrongLength(found: 65, wanted: 66))
        #expect(error(public: key + "a") == .wrongLength(found: 67, wanted: 66))
        #expect(
            error(public: key.prefix(20) + "8" + key.dropFirst(21))
                == .badCharacter(0x38, position: 21))
        #expect(error(public: key.uppercased()) == .notAKey(wanted: .public))
        let other = key.last == "a" ? "b" : "a"
        #expect(error(public: key.dropLast() + other) == .checksum)
    }

    @Test func `errors say what to do, and never repeat a private key`() {
        let secret = Fixture.agentKey.text
        let wrong = [secret, String(secret.dropLast()), secret + "x", "x" + secret]
        for text in wrong {
            let description = error(public: text)?.description ?? ""
            #expect(description.count > 40)
            #expect(!description.contains(secret.dropFirst(12).prefix(8)))
        }
        #expect(
            error(public: secret)?.description == """
                This is a private key (poise-sk1-…) where a public key (poise-pk1-…) belongs. A \
                private key stays on its own host: if this one was copied here from another, make \
                a new pair there.
                """)
        #expect(
            error(public: Fixture.agentKey.publicKey.text.prefix(30) + "!")?.description
                == "The character ! at position 31 is not in a key's alphabet (a to z, 2 to 7). "
                + "Copy the key again.")
    }

    @Test func `a private key shows itself by its public half only`() {
        #expect("\(Fixture.agentKey)" == "private key of \(Fixture.agentKey.publicKey.text)")
    }
}

@Suite struct SessionKeysTests {
    @Test func `both sides agree on both keys and on the locator`() throws {
        let agent = SecretKey.generate()
        let master = SecretKey.generate()
        let atAgent = try #require(SessionKeys(agent: agent, master: master.publicKey))
        let atMaster = try #require(SessionKeys(master: master, agent: agent.publicKey))
        #expect(atAgent.toMaster.bytes == atMaster.toMaster.bytes)
        #expect(atAgent.toAgent.bytes == atMaster.toAgent.bytes)
        #expect(atAgent.locator == atMaster.locator)
        #expect(atAgent.toMaster.bytes != atAgent.toAgent.bytes)
    }

    @Test func `who is agent and who is master matters`() throws {
        let one = Fixture.agentKey
        let other = Fixture.masterKey
        let keys = try #require(SessionKeys(agent: one, master: other.publicKey))
        let swapped = try #require(SessionKeys(agent: other, master: one.publicKey))
        #expect(keys.toMaster.bytes != swapped.toMaster.bytes)
        #expect(keys.locator != swapped.locator)
    }

    @Test func `a public key that belongs to no private key is refused`() throws {
        let zero = try #require(PublicKey(bytes: [UInt8](repeating: 0, count: 32)))
        let one = try #require(PublicKey(bytes: [1] + [UInt8](repeating: 0, count: 31)))
        #expect(SessionKeys(agent: Fixture.agentKey, master: zero) == nil)
        #expect(SessionKeys(master: Fixture.masterKey, agent: one) == nil)
    }

    @Test func `only 32 bytes are a key`() {
        for count in [0, 31, 33] {
            #expect(SecretKey(bytes: [UInt8](repeating: 7, count: count)) == nil)
            #expect(PublicKey(bytes: [UInt8](repeating: 7, count: count)) == nil)
        }
    }
}
