from django.urls import path

from points.records.views import certificates, claims, more, notice, objections

app_name = "records"
urlpatterns = [
    path("notice/", notice.notice, name="notice"),
    path("notice/<slug:number>/object/", objections.object_to, name="object"),
    path("check/", certificates.check, name="check"),
    path("check/<slug:number>/", certificates.check, name="check_number"),
    path("me/records/<slug:number>/", objections.record, name="record"),
    path("me/objections/", objections.mine, name="objections"),
    path("me/objections/<int:pk>/withdraw/", objections.withdraw, name="withdraw"),
    path("me/claims/", claims.mine, name="claims"),
    path("me/claims/new/", claims.claim, name="claim"),
    path("me/claims/<int:pk>/take-back/", claims.take_back, name="claim_take_back"),
    path("organise/claims/", claims.to_check, name="claims_to_check"),
    path("organise/claims/<int:pk>/", claims.check, name="claim_to_check"),
    path("me/more/", more.more, name="more"),
    path("me/more/<int:pk>/proof/", more.proof, name="proof"),
    path("me/certificates/", certificates.mine, name="certificates"),
    path("me/certificates/<int:unit>/make/", certificates.issue, name="issue"),
    path("me/certificates/<slug:number>/", certificates.certificate, name="certificate"),
    path("me/certificates/<slug:number>/print/", certificates.pdf, name="certificate_pdf"),
]
