def certificate_pdf(certificate, address):
    return b""
