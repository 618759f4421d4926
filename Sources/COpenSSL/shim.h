// OpenSSL, as Debian ships it: TLS of the checks. What it declares as macros, Swift cannot import.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// A server that closes without a goodbye has closed all the same, and idle sessions keep no buffers.
static inline void openssl_prepare(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(
        context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Each run proves the whole way anew, certificate and all.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline int openssl_set_server_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

static inline int openssl_use_key(SSL_CTX *context, const char *path) {
    return SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM);
}

// Why the newest call failed, in words; NULL when it does not tell.
static inline const char *openssl_reason(void) {
    return ERR_reason_error_string(ERR_peek_last_error());
}
