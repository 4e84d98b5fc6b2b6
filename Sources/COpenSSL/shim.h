#ifndef FLOWENGINE_COPENSSL_SHIM_H
#define FLOWENGINE_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Swift sees functions only: these stand for the macros of OpenSSL's headers.

static inline EVP_PKEY *flow_generate_p256(void) { return EVP_EC_gen("P-256"); }

static inline long flow_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

static inline void flow_v3_context(X509V3_CTX *context, X509 *issuer, X509 *subject) {
    X509V3_set_ctx_nodb(context);
    X509V3_set_ctx(context, issuer, subject, NULL, NULL, 0);
}

#endif
